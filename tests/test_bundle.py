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
    assert joined == 'const a=1;const b=()=>{return a;};b("a  ,  b");'
    assert not any(word in joined for word in ("Starts", "Does it", "why", "nothing", "import", "export"))


@pytest.mark.parametrize(
    "modules",
    [
        {"main": 'import { a } from "./one.js";\n', "one": 'import { b } from "./main.js";\n'},
        {"main": 'import { a } from "./gone.js";\n'},
        {"main": 'import all from "./one.js";\n', "one": ""},
        {"main": "export default 1;\n"},
        {"main": 'import { a } from "./one.js";\nconst b = a;\n', "one": "export const a = 1;\nconst b = 2;\n"},
        {"main": "const a = `x ${b(`y  ,  ${c}`)}`;\n"},
    ],
)
def test_what_cannot_be_joined_is_said(modules: dict[str, str]) -> None:
    with pytest.raises(bundle.BundleError):
        bundle.join(modules, "main")


def test_all_code_of_the_booklet_together_stays_small() -> None:
    """As it is served: every screen, the outbox of ordinary pages, the self-test, the shell's keeper, the worker, the style sheet."""
    code = {name: asset for name, asset in assets.wanted().items() if name.startswith("booklet") or name == "service-worker.js"}
    assert set(code) == {assets.BOOKLET, "booklet/booklet.css", "service-worker.js"}
    sizes = {name: len(asset.packed("br") or b"") for name, asset in code.items()}
    assert all(sizes.values()) and sum(sizes.values()) <= 20_000, sizes


def test_modules_of_the_booklet_are_asked_for_as_one() -> None:
    wanted = assets.wanted()
    assert assets.BOOKLET in wanted and "js/app.js" in wanted
    assert not [name for name in wanted if name.startswith("booklet/") and name.endswith(".js")]
    assert assets.read().files[assets.BOOKLET].data.decode().rstrip(";\n").endswith("export const leaveForm=handIn")


def test_a_style_sheet_means_the_same_tightened() -> None:
    source = '/* Why. */\n@layer a {\n  b c, d > e::after { margin: 0 auto; content: "› x"; }\n  f :hover { width: calc(1px + 2px); }\n}\n'
    assert bundle.tight_style(source) == '@layer a {b c,d > e::after {margin:0 auto;content:"› x";}f :hover {width:calc(1px + 2px);}}'
