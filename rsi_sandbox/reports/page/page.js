"use strict";
(() => {
  const root = document.documentElement;
  const steps = [...document.querySelectorAll(".step")];
  const texts = steps.map((step) => step.querySelector("summary").textContent.toLowerCase());
  const find = document.getElementById("find");
  const picks = [...document.querySelectorAll("input[name=verdict]")];
  root.classList.add("scripted");

  // Details of a large lineage wait as text until they are opened: only then do they become part of the page.
  const unfold = (details) => {
    const later = details.querySelector(":scope > script[type='text/html']");
    if (later) {
      const holder = document.createElement("div");
      holder.innerHTML = later.textContent;
      later.replaceWith(holder);
    }
  };
  const open = (details) => {
    unfold(details);
    details.open = true;
  };
  for (const details of document.querySelectorAll(".step details")) {
    details.addEventListener("toggle", () => details.open && unfold(details));
  }

  const visible = () => steps.filter((step) => !step.hidden);
  const list = () => {
    const wanted = new Set(picks.filter((pick) => pick.checked).map((pick) => pick.value));
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    steps.forEach((step, place) => {
      const shown = wanted.has(step.dataset.verdict) && words.every((word) => texts[place].includes(word));
      step.hidden = !shown;
      count += shown ? 1 : 0;
    });
    document.getElementById("shown").textContent = `${count} of ${steps.length} shown`;
  };
  let waiting = 0;
  find.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(list, 80);
  });
  picks.forEach((pick) => pick.addEventListener("change", list));
  list();

  const inTurns = (items, each, done) => {
    const some = items.splice(0, 25);
    some.forEach(each);
    if (items.length) {
      setTimeout(() => inTurns(items, each, done), 0);
    } else if (done) {
      done();
    }
  };
  const all = () => visible().map((step) => step.querySelector("details"));
  document.getElementById("open-all").addEventListener("click", () => inTurns(all(), open));
  document.getElementById("close-all").addEventListener("click", () => all().forEach((each) => (each.open = false)));
  document.getElementById("print-all").addEventListener("click", () => inTurns(all(), open, () => window.print()));

  const go = (step) => {
    if (step) {
      step.scrollIntoView({ block: "nearest" });
      step.querySelector("summary").focus();
    }
  };
  const follow = () => {
    const details = /^#g\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
    if (details) {
      details.closest(".step").hidden = false;
      open(details);
      details.scrollIntoView();
      details.querySelector("summary").focus({ preventScroll: true });
    }
  };
  addEventListener("hashchange", follow);
  follow();

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const typing = event.target.closest("input[type=search]");
    if (typing) {
      if (event.key === "Escape") {
        find.value = "";
        list();
        find.blur();
      }
      return;
    }
    const shown = visible();
    const here = shown.indexOf(event.target.closest(".step"));
    if (event.key === "j") {
      go(shown[here + 1]);
    } else if (event.key === "k") {
      go(here < 0 ? shown[shown.length - 1] : shown[here - 1]);
    } else if (event.key === "/") {
      event.preventDefault();
      find.focus();
    } else if (event.key === "Escape" && here >= 0) {
      shown[here].querySelector("details").open = false;
      go(shown[here]);
    }
  });

  const button = document.getElementById("theme");
  const themes = ["system", "dark", "light"];
  const kept = () => {
    try {
      return localStorage.getItem("rsi-sandbox-theme") || "system";
    } catch {
      return "system";
    }
  };
  const paint = (name) => {
    if (name === "system") {
      delete root.dataset.theme;
    } else {
      root.dataset.theme = name;
    }
    button.textContent = `Colours: ${name}`;
    button.setAttribute("aria-label", `Colours: ${name === "system" ? "as the system" : name}`);
  };
  let theme = themes.includes(kept()) ? kept() : "system";
  paint(theme);
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    paint(theme);
    try {
      localStorage.setItem("rsi-sandbox-theme", theme);
    } catch {
      // A page opened from a file may have no storage; the choice then lasts as long as the page.
    }
  });
})();
