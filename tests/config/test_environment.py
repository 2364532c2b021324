"""Variables come from the process first, then from the files of a mounted Secret."""

import pytest

from mcp_stack_proxy.config import ConfigError, Source, UnreadableVariable, environment, load


@pytest.fixture
def secrets(tmp_path):
    (tmp_path / "TOKEN").write_text("from file\n")
    (tmp_path / "OTHER").write_text("file's")
    return tmp_path


def test_the_process_wins_over_the_file(secrets):
    found = environment({"MCP_VARIABLES_DIR": str(secrets), "OTHER": "process's"})
    assert (found["TOKEN"], found["OTHER"]) == ("from file", "process's")


@pytest.mark.parametrize(("content", "value"), [("a\n\n", "a\n"), ("a", "a"), ("\n", ""), ("", ""), (" a\r\n", " a\r")])
def test_one_line_break_at_the_end_is_no_part_of_the_value(tmp_path, content, value):
    (tmp_path / "X").write_bytes(content.encode())
    assert environment({"MCP_VARIABLES_DIR": str(tmp_path)})["X"] == value


def test_a_file_is_read_when_it_is_asked_for(secrets):
    found = environment({"MCP_VARIABLES_DIR": str(secrets)})
    (secrets / "TOKEN").write_text("rotated")
    assert found["TOKEN"] == "rotated"


def test_without_a_directory_nothing_changes():
    base = {"A": "a"}
    assert environment(base) is base
    assert environment({"MCP_VARIABLES_DIR": ""}) == {"MCP_VARIABLES_DIR": ""}


def test_it_iterates_over_both_without_what_is_no_variable(secrets):
    (secrets / "..data").mkdir()
    (secrets / "tls.crt").write_text("no name of a variable")
    found = environment({"MCP_VARIABLES_DIR": str(secrets), "OTHER": "x"})
    assert list(found) == ["MCP_VARIABLES_DIR", "OTHER", "TOKEN"]
    assert len(found) == 3
    assert list(environment({"MCP_VARIABLES_DIR": "/nonexistent"})) == ["MCP_VARIABLES_DIR"]


@pytest.mark.parametrize("name", ["ABSENT", "../TOKEN", "tls.crt", "", "a/b"])
def test_a_name_without_a_file_or_that_is_no_variable_is_absent(secrets, name):
    (secrets / "tls.crt").write_text("x")
    assert environment({"MCP_VARIABLES_DIR": str(secrets)}).get(name) is None


def test_a_file_that_is_there_and_unreadable_is_named_without_its_content(secrets):
    (secrets / "BINARY").write_bytes(b"\xff\xfe")
    (secrets / "FOLDER").mkdir()
    found = environment({"MCP_VARIABLES_DIR": str(secrets)})
    with pytest.raises(UnreadableVariable, match=r"BINARY is no UTF-8 text$"):
        found["BINARY"]
    with pytest.raises(UnreadableVariable, match=r"FOLDER cannot be read: Is a directory$"):
        found["FOLDER"]


def test_faults_of_files_come_with_all_others_and_the_place_of_use(secrets):
    (secrets / "FOLDER").mkdir()
    text = "servers: {a: {url: 'http://a', headers: {X: '${FOLDER}', Y: '${ABSENT}', Z: '${TOKEN}'}}}"
    with pytest.raises(ConfigError) as caught:
        load(Source("stack.yaml", text), {"MCP_VARIABLES_DIR": str(secrets)})
    assert [str(problem) for problem in caught.value.problems] == [
        f"servers.a.headers.X: variable FOLDER: {secrets}/FOLDER cannot be read: Is a directory",
        "servers.a.headers.Y: environment variable ABSENT is not set; set it, or write `${ABSENT:-default}`",
    ]


def test_a_directory_that_is_not_there_is_a_fault_where_a_variable_is_needed():
    text = "servers: {a: {url: 'http://a', headers: {X: '${TOKEN}'}}}"
    with pytest.raises(ConfigError, match="variable TOKEN: MCP_VARIABLES_DIR names /nonexistent, which is no directory"):
        load(Source("stack.yaml", text), {"MCP_VARIABLES_DIR": "/nonexistent"})


def test_the_value_of_a_file_fills_a_placeholder(secrets):
    text = "servers: {a: {url: 'http://a', headers: {X: 'Bearer ${TOKEN}'}}}"
    config = load(Source("stack.yaml", text), {"MCP_VARIABLES_DIR": str(secrets)})
    assert config.servers["a"].headers == {"X": "Bearer from file"}
