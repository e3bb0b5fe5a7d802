/* What a page does without asking the server: footnote markers, keys, copying, and files dropped anywhere. Set once for
   each page load. */
if (!window.footnotePage) {
  window.footnotePage = true;
  const find = (selector) => document.querySelector(selector);
  const press = (key) => {
    const button = find(`.st-key-${key} button, .st-key-${key} a`);
    if (!button || button.disabled) return false;
    button.click();
    return true;
  };
  // On a page that is being drawn the button may come after the marker that leads to it.
  const pressSoon = (key, left = 30) => press(key) || (left && setTimeout(() => pressSoon(key, left - 1), 100));
  const open = () => find('[role="dialog"], [data-testid="stPopoverBody"]');
  const typing = (target) => target.closest?.('input, textarea, select, [contenteditable="true"], [role="combobox"]');

  const show = (text) => {
    find(".fn-toast")?.remove();
    const toast = document.createElement("div");
    toast.className = "fn-toast";
    toast.setAttribute("role", "status");
    toast.textContent = text;
    document.body.append(toast);
    setTimeout(() => toast.remove(), 2000);
  };
  const copy = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea"); // a page over plain http has no clipboard
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("the browser does not copy");
  };

  document.addEventListener("click", async (event) => {
    const marker = event.target.closest?.("a.fn-marker");
    if (marker) { // it does what its footnote's button does
      event.preventDefault();
      window.footnoteAt = marker.dataset.opens;
      pressSoon(`note-${CSS.escape(marker.dataset.opens)}`);
    }
    const button = event.target.closest?.("button[data-copy]");
    if (button) {
      try {
        await copy(button.dataset.copy);
        show(button.dataset.copied);
      } catch {
        show(button.dataset.failed);
      }
      button.focus();
    }
  });

  const turn = (by) => {
    if (find('[role="dialog"]')) return press(by > 0 ? "panel-after" : "panel-before");
    const markers = [...document.querySelectorAll("a.fn-marker")];
    if (!markers.length) return false;
    const at = markers.findIndex((each) => each.dataset.opens === window.footnoteAt);
    const next = at < 0 ? (by > 0 ? 0 : markers.length - 1) : (at + by + markers.length) % markers.length;
    markers[next].scrollIntoView({ block: "center" });
    markers[next].click();
    return true;
  };
  const keys = {
    "/": () => { find('[data-testid="stChatInputTextArea"]')?.focus(); return true; },
    "?": () => !open() && press("shortcuts"),
    "]": () => turn(1),
    "[": () => turn(-1),
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey) return;
    let done = false;
    if (event.key === "Escape") {
      // A button that was pressed and is now disabled leaves the keys to nobody: the dialog would not hear of this one.
      if (event.target === document.body) find('[role="dialog"] [aria-label="Close"]')?.click();
      done = !open() && (press("cancel-edit") || press("stop"));
    } else if ((event.ctrlKey || event.metaKey) && event.shiftKey && event.code === "KeyO") {
      done = press("new");
    } else if (event.key === " " && event.target.matches?.("a.fn-marker")) {
      event.target.click();
      done = true;
    } else if (!event.ctrlKey && !event.metaKey && !typing(event.target) && keys[event.key]) {
      done = keys[event.key]();
    }
    if (done) event.preventDefault();
  }, true); // before what is open closes: else Escape would stop the answer behind it, too

  // Files that are dropped anywhere on a conversation go to its input.
  const taking = () => find('[data-testid="stChatInput"] input[type="file"]:not(:disabled)');
  const carries = (event) => event.dataTransfer?.types.includes("Files") && taking();
  document.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    document.body.classList.add("fn-dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("fn-dropping");
  });
  document.addEventListener("drop", (event) => {
    document.body.classList.remove("fn-dropping");
    const input = carries(event);
    if (!input || event.target.closest?.('[data-testid="stChatInput"]')) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // Dialogs lie outside of the element that has the theme: they take it from the page.
  const app = find(".stApp");
  const follow = () => { document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme; };
  new MutationObserver(follow).observe(app, { attributes: true, attributeFilter: ["class"] });
  follow();
}
