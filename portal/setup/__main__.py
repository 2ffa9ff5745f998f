"""`python -m portal.setup run|test|htmx|translations|messages`: what `make` calls before anything else."""

import sys

from portal.setup import ROOT, SetupError, environment, htmx, translations


def main(task: str) -> None:
    """Do one task of set-up.

    Args:
        task: `run` for what the portal needs, `test` for what its tests need too, `htmx` or
            `translations` for that part alone, in the Python that runs this; `messages` brings every
            messages.po up to the sentences in the code.

    Raises:
        SetupError: what is missing cannot be had; the message says what to do.
    """
    if task in {"run", "test"}:
        environment.prepare(ROOT, environment.RUNTIME if task == "run" else environment.DEVELOPMENT)
        htmx.fetch(ROOT)
        if translations.stale(ROOT):
            environment.inside(ROOT, "-m", "portal.setup", "translations")
    elif task == "htmx":
        htmx.fetch(ROOT)
    elif task == "translations":
        translations.write(ROOT)
    elif task == "messages":
        translations.update(ROOT)
    else:
        raise SetupError(f"unknown task {task!r}: run, test, htmx, translations or messages")


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) == 2 else "")
    except SetupError as problem:
        sys.exit(f"set-up: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
