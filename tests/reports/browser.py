"""Headless Chromium over its own debugging pipe: no driver, no package, no port."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def program() -> str | None:
    """The browser that is installed here."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One page. A context manager."""

    def __init__(self, *, width: int = 1280, height: int = 900) -> None:
        found = program()
        assert found is not None
        self.profile = tempfile.TemporaryDirectory()
        to_child, self._out = os.pipe()
        self._in, from_child = os.pipe()
        script = f'exec "$0" "$@" 3<&{to_child} 4>&{from_child}'
        flags = ["--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run"]
        flags += ["--disable-dev-shm-usage", "--hide-scrollbars", f"--user-data-dir={self.profile.name}"]
        flags += ["--disable-background-networking", "--disable-extensions", "--disable-component-update"]
        self.process = subprocess.Popen(
            ["bash", "-c", script, found, *flags, "about:blank"],
            pass_fds=(to_child, from_child),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_child)
        os.close(from_child)
        self._buffer = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []
        targets = self._ask("Target.getTargets")["targetInfos"]
        page = next(each["targetId"] for each in targets if each["type"] == "page")
        self._session = self._ask("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Accessibility"):
            self.ask(f"{domain}.enable")
        self.size(width, height)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._ask("Browser.close")
        except (OSError, EOFError):
            pass
        os.close(self._out)
        os.close(self._in)
        self.process.wait(20)
        self.profile.cleanup()

    def _ask(self, method: str, session: str | None = None, **params: object) -> dict[str, Any]:
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            read = os.read(self._in, 1 << 20)
            if not read:
                raise EOFError("the browser went away")
            self._buffer += read
        line, _, self._buffer = self._buffer.partition(b"\0")
        found: dict[str, Any] = json.loads(line)
        return found

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        """A command to the page."""
        return self._ask(method, self._session, **params)

    def size(self, width: int, height: int, *, mobile: bool = False) -> None:
        """The window."""
        scale = 2 if mobile else 1
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile
        )

    def media(self, *, dark: bool = False, printed: bool = False) -> None:
        """What style sheets are told about the screen."""
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.ask("Emulation.setEmulatedMedia", media="print" if printed else "", features=scheme)

    def open(self, path: Path, fragment: str = "") -> float:
        """Load a file; returns the seconds until its layout is done."""
        started = time.monotonic()
        self.ask("Page.navigate", url=path.resolve().as_uri() + fragment)
        while self.run("document.readyState + location.protocol") != "completefile:":
            time.sleep(0.02)
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
        return time.monotonic() - started

    def run(self, script: str) -> Any:
        """The value of an expression in the page, awaited."""
        answer = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        """One key, as a person presses it."""
        codes = {"Enter": 13, "Escape": 27, "Tab": 9}
        shared = {"key": key, "windowsVirtualKeyCode": codes.get(key, ord(key.upper()[0]))}
        typed = text or ("\r" if key == "Enter" else key if len(key) == 1 else "")
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=typed, **shared)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **shared)

    def click(self, selector: str) -> None:
        """The middle of an element, by mouse."""
        place = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); "
            "e.scrollIntoView({block: 'center'}); "
            "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.ask(
                "Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1, buttons=1
            )

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """A screenshot as PNG."""
        data = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))

    def pdf(self) -> bytes:
        """The page as it is printed."""
        return base64.b64decode(self.ask("Page.printToPDF", printBackground=True)["data"])

    def tree(self) -> list[tuple[str, str]]:
        """(role, name) of everything a screen reader is told."""
        nodes = self.ask("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node.get("ignored")
        ]
