"""Chi Trả: one list of people on monthly social assistance, shared, paid and accounted for."""
