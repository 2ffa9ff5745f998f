"""The lines of funeral grants on a month's list: paid once, with the first list after the decision (Decree 20/2021, article 34.4).

A grant is a line of its own, to whoever arranged the burial; uncollected it is carried over like any sum.
"""

from __future__ import annotations

LINES = """
SELECT f.person, CAST(NULL AS TEXT) AS entitlement, f.line_code, p.commune, p.hamlet, f.deceased AS full_name, f.grant_code AS category,
  f.multiple * 10 AS coefficient10, f.rate, 0 AS allowance, 0 AS arrears, COALESCE(u.amount, 0) AS carried_over, u.carried_from,
  CASE WHEN u.line_code IS NULL THEN f.amount ELSE 0 END AS funeral, COALESCE(u.amount, f.amount) AS total,
  f.method, f.bank, f.account, f.holder, f.organiser AS recipient, FALSE AS home_delivery, p.sort_key
FROM funeral_grant f JOIN person p ON p.id = f.person LEFT JOIN unpaid u ON u.line_code = f.line_code
WHERE f.state = 'approved' AND (u.line_code IS NOT NULL OR NOT EXISTS (
  SELECT 1 FROM payment q WHERE q.person = f.person AND q.line_code = f.line_code AND q.list <> :list))"""
"""The SELECT, in the columns of `portal.list_lines.CONTENT`; `unpaid` is its CTE of what is carried over."""
OF_PERSON = " AND f.person = :person"
"""Narrows it to one person."""
