"""A visitor brings a file: it becomes the data on every page, and a wrong one changes nothing."""

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import FilePayload, Page, expect

import pages
from tests.browser.harness import Watch, wait_until_idle

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "screenshots"


def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    kinds = random.choice(["red", "green", "blue"], 400)
    centers = pd.get_dummies(pd.Series(kinds)).to_numpy(dtype=float) * 3
    vectors = np.hstack([centers, np.zeros((400, 9))]) + random.normal(size=(400, 12))
    columns = {f"dim_{i}": vectors[:, i] for i in range(12)}
    return pd.DataFrame(columns).assign(label=kinds, word=[f"item {i}" for i in range(400)])


def as_lists(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    vectors = table.filter(like="dim_").to_numpy(dtype=np.float32)
    lists = table[["label", "word"]].assign(embedding=list(vectors))
    lists.to_parquet(buffer, index=False)
    return buffer.getvalue()


FILES = {
    "mine.csv": frame().to_csv(index=False).encode(),
    "mine.parquet": as_lists(frame()),
}


@pytest.mark.parametrize("name", FILES)
def test_an_upload_serves_every_page(page: Page, app_url: str, watch: Watch, name: str) -> None:
    page.goto(f"{app_url}/data")
    wait_until_idle(page)
    chooser = page.locator('[data-testid="stMain"] input[type="file"]').first
    file: FilePayload = {
        "name": name,
        "mimeType": "application/octet-stream",
        "buffer": FILES[name],
    }
    chooser.set_input_files([file])
    page.get_by_role("button", name="Use this data").click()
    expect(page.locator(".st-key-card_data")).to_contain_text("400 vectors of 12 dimensions")
    wait_until_idle(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("in 3 classes of")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for info in pages.PAGES if name == "mine.csv" else pages.PAGES[:1]:
        page.get_by_role("link", name=info.title, exact=True).click()
        folder = "" if info.folder == pages.OPENING else info.folder
        expect(page).to_have_url(re.compile(f"[0-9]/{folder}[?]"))
        wait_until_idle(page)
        expect(page.locator(".st-key-card_data")).to_contain_text("400 vectors of 12 dimensions")
        expect(page.get_by_role("heading", level=1)).not_to_contain_text("on its way")
        page.screenshot(path=FOLDER / f"{name}-{info.folder}.png")
        watch.check()


def test_a_large_upload_is_read_from_the_disk_also_in_a_second_session(
    page: Page, app_url: str, watch: Watch
) -> None:
    vectors = np.random.default_rng(0).normal(size=(3_000, 300)).astype(np.float32)  # 3.6 MB
    content = io.BytesIO()
    np.save(content, vectors)
    file: FilePayload = {"name": "large.npy", "mimeType": "", "buffer": content.getvalue()}
    for each in (page, page.context.new_page()):
        each.goto(f"{app_url}/data?data=digits")
        wait_until_idle(each)
        each.locator('[data-testid="stMain"] input[type="file"]').first.set_input_files([file])
        each.get_by_role("button", name="Use this data").click()
        expect(each.locator(".st-key-card_data")).to_contain_text("3,000 vectors of 300 dimensions")
        wait_until_idle(each)
    watch.check()


DROP = """(zone, [name, text]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name));
    const how = {bubbles: true, cancelable: true, dataTransfer: transfer};
    for (const kind of ["dragenter", "dragover", "drop"])
        zone.dispatchEvent(new DragEvent(kind, how));
}"""


def test_a_file_that_is_dropped_is_shown_and_used(page: Page, app_url: str, watch: Watch) -> None:
    page.goto(f"{app_url}/data?data=digits")
    wait_until_idle(page)
    zone = page.locator('[data-testid="stMain"] [data-testid="stFileUploaderDropzone"]').first
    zone.evaluate(DROP, ["dropped.csv", frame().to_csv(index=False)])
    shown = page.locator(".st-key-arrival")
    expect(shown).to_contain_text("dropped.csv was read, and is not used yet")
    expect(shown).to_contain_text("400 vectors of 12 dimensions")
    expect(page.locator(".st-key-card_data")).to_contain_text("1,797 vectors of 64 dimensions")
    page.screenshot(path=FOLDER / "dropped.png")
    page.get_by_role("button", name="Use this data").click()
    expect(page.locator(".st-key-card_data")).to_contain_text("400 vectors of 12 dimensions")
    expect(shown).to_have_count(0)
    wait_until_idle(page)
    watch.check()


def test_a_wrong_file_is_named_and_the_data_stays(page: Page, app_url: str, watch: Watch) -> None:
    page.goto(f"{app_url}/data?data=digits")
    wait_until_idle(page)
    watch.check()
    wrong: FilePayload = {"name": "mine.npy", "mimeType": "", "buffer": b"this is no array"}
    chooser = page.locator('[data-testid="stMain"] input[type="file"]').first
    chooser.set_input_files([wrong])
    expect(page.get_by_test_id("stAlertContentError").first).to_contain_text(
        "is text by its content"
    )
    expect(page.locator(".st-key-card_data")).to_contain_text("1,797 vectors of 64 dimensions")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Handwritten digits")
