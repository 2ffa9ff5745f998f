"""The law as data, and the sums and rules over it: no clock, no database, no page.

`book.load()` reads the decrees, `Book.at("2024-10")` is the law of one month. `amount` computes and explains, `eligibility`
says who, from when and until when, `reasons` names what can happen to an entitlement. Months are "YYYY-MM" text, money is
integer đồng, coefficients are stored times ten (15 is 1,5).
"""
