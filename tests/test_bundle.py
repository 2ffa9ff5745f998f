"""Modules joined into one file: each before those that use it, nothing left of comments, nothing joined that reads otherwise."""

import pytest

from portal import assets, bundle


def test_modules_come_before_those_that_use_them() -> None:
    joined = bundle.join(
        {
            "main": '// Starts.\nimport { b } from "./one.js";\n\nb( "a  ,  b" );\n',
            "one": '/**\n * Does it.\n */\nimport { a } from "./two.js";\nexport const b = () => {\n  // why\n  return a;\n};\n',
            "two": "export const a = 1;\n",
            "apart": "nothing();\n",
        },
        "main",
    )
    assert joined == 'const a=1;\nconst b=()=>{\nreturn a;\n};\nb("a  ,  b");\n'
    assert not any(word in joined for word in ("Starts", "Does it", "why", "nothing", "import", "export"))


@pytest.mark.parametrize(
    "modules",
    [
        {"main": 'import { a } from "./one.js";\n', "one": 'import { b } from "./main.js";\n'},
        {"main": 'import { a } from "./gone.js";\n'},
        {"main": 'import all from "./one.js";\n', "one": ""},
        {"main": "export default 1;\n"},
        {"main": 'import { a } from "./one.js";\nconst b = a;\n', "one": "export const a = 1;\nconst b = 2;\n"},
    ],
)
def test_what_cannot_be_joined_is_said(modules: dict[str, str]) -> None:
    with pytest.raises(bundle.BundleError):
        bundle.join(modules, "main")


def test_the_booklet_stays_small() -> None:
    packed = assets.read().files[assets.BOOKLET].packed("gzip")
    assert packed is not None
    assert len(packed) <= 20_000


def test_a_module_inside_the_booklet_is_asked_for_only_where_another_script_needs_it() -> None:
    wanted = assets.wanted()
    assert assets.BOOKLET in wanted
    assert "booklet/main.js" not in wanted
    assert "js/app.js" in wanted
