"""The parts of the `portal` command, one a file, each with a click command named `command`.

A file is named as its part; where that is a word of Python (import) or of its library (list), an underscore follows.
"""
