"""The tables, one noun a file."""

from __future__ import annotations

import importlib
import pkgutil

import peewee

from portal.db import BaseModel


def every_model() -> list[type[BaseModel]]:
    """Every table of the portal, those referred to before those that refer to them, otherwise by name."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    # A model others inherit from only lends them its columns.
    own = [model for model in _descendants(BaseModel) if model.__module__.startswith(f"{__name__}.") and not model.__subclasses__()]
    by_name = sorted(own, key=lambda model: model._meta.table_name)  # noqa: SLF001  # peewee's public way to a table's name
    return list(peewee.sort_models(by_name))  # type: ignore[attr-defined]  # missing from peewee's stubs


def _descendants(model: type[BaseModel]) -> set[type[BaseModel]]:
    found: set[type[BaseModel]] = set()
    for child in model.__subclasses__():
        found |= {child} | _descendants(child)
    return found
