// Lists of buttons: arrow keys, and the one that is chosen kept in sight.

import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Moves the focus among the buttons of a list; Tab goes on through them as ever. */
export function moveFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>("button")];
  const here = buttons.indexOf(document.activeElement as HTMLElement);
  const step = STEPS[event.key];
  const next =
    event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1 : step ? here + step : -1;
  if (here >= 0 && buttons[next]) {
    event.preventDefault();
    buttons[next].focus();
  }
}

/** Scrolls a list, and not the page, to its chosen button whenever another one is chosen. */
export function useShown<T extends HTMLElement>(chosen: unknown): RefObject<T | null> {
  const list = useRef<T>(null);
  useLayoutEffect(() => {
    const here = list.current?.getBoundingClientRect();
    const button = list.current?.querySelector("[aria-pressed=true]")?.getBoundingClientRect();
    if (list.current && here && button) {
      const down = button.bottom > here.bottom ? button.bottom - here.bottom : 0;
      const right = button.right > here.right ? button.right - here.right : 0;
      list.current.scrollTop += button.top < here.top ? button.top - here.top : down;
      list.current.scrollLeft += button.left < here.left ? button.left - here.left : right;
    }
  }, [chosen]);
  return list;
}
