"""The demo district: made-up people on a real-sized list (5.904 lines in September 2024), and how it is loaded.

No real person appears in it: national ids begin with 099 or 99, phones with 0510, accounts with 000099, none of them assigned.
"""
