"""What the README shows works as it stands."""

import re
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_ten_lines_run(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    exec(code, {})
    typed_right, misspelt = capsys.readouterr().out.split("primery shcool teachr\n")
    for found in (typed_right.partition("\n")[2], misspelt):
        assert found.splitlines()[0].endswith("  primary school teacher")
