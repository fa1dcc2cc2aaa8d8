"""The few lines of JavaScript that a page runs: constants, so that a Content-Security-Policy can name their hashes.

What changes from run to run stands in an element before the script, as data. A new script, or a changed one, is added
to `SCRIPTS` and written into the policy by `python -m scripts.write_policy`.
"""

from __future__ import annotations

from html import escape

import streamlit as st

INTO_VIEW = """(() => {
  const {to} = document.currentScript.previousElementSibling.dataset;
  document.querySelector(to).scrollIntoView({block: 'center'});
  const keep = tries => {
    const place = document.querySelector(to);
    if (place && document.activeElement === document.body) {
      place.tabIndex = -1;
      place.focus({preventScroll: true});
    } else if (tries) setTimeout(keep, 200, tries - 1);
  };
  keep(25);
})();"""
"""Keys go on from there too, if what had the focus goes with what it changed."""
REMEMBER = (
    "document.cookie = document.currentScript.previousElementSibling.dataset.cookie "
    "+ ';path=/;max-age=31536000;SameSite=Lax'"
)
WATCH_WIDTH = """(() => {
  const {below, above} = document.currentScript.previousElementSibling.dataset;
  const main = document.querySelector('[data-testid="stMainBlockContainer"]');
  let found = '', timer = 0;
  const press = tries => {
    const button = document.querySelector(`.st-key-turn_${found} button`);
    if (button) button.click();
    else if (tries) timer = setTimeout(press, 200, tries - 1);
  };
  const look = () => {
    const style = getComputedStyle(main);
    const width = main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const now = width < +below ? 'narrow' : width > +above ? 'wide' : found;
    if (now === found) return;
    found = now;
    clearTimeout(timer);
    press(10);
  };
  window.convscopeWidth?.disconnect();
  window.convscopeWidth = new ResizeObserver(look);
  window.convscopeWidth.observe(main);
})();"""
"""Presses a hidden button when the page becomes narrow, or wide again."""
ONE_STEP = """(() => {
  if (window.convscopePush) return;
  const push = window.convscopePush = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    const here = new URL(url ?? '', location.href).pathname === location.pathname;
    (here ? history.replaceState.bind(history) : push)(state, title, url);
  };
})();"""
"""Makes a visit to a page one step of the browser's Back, however often its settings change its address meanwhile."""
SCRIPTS = (INTO_VIEW, REMEMBER, WATCH_WIDTH, ONE_STEP)
"""Each of them; deploy/nginx.conf names their hashes, and a test holds the two together."""


def run(script: str, **data: str) -> None:
    """Run one of the scripts in the browser; again whenever its data differ from the last time."""
    held = "".join(f' data-{key}="{escape(value)}"' for key, value in data.items())
    st.html(f"<i{held}></i><script>{script}</script>", unsafe_allow_javascript=True)
