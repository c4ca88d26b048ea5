// Drawings as SVG files that stand alone, in any program: looks as attributes, in light colours.

import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

const LOOKS = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "paint-order",
];

/** The text of an SVG file with what a drawing in the page shows. */
export function standalone(drawing: SVGSVGElement): string {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const light = document.createElement("div");
  light.className = "light-copy";
  light.append(copy);
  document.body.append(light);
  for (const element of copy.querySelectorAll<SVGElement>("*")) {
    const looks = getComputedStyle(element);
    for (const look of LOOKS) {
      element.setAttribute(look, looks.getPropertyValue(look));
    }
  }
  for (const element of copy.querySelectorAll("*")) {
    for (const name of ["class", "style", "tabindex", "role", "aria-label", "aria-pressed"]) {
      element.removeAttribute(name);
    }
  }
  light.remove();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
  title.textContent = copy.getAttribute("aria-label");
  copy.prepend(title);
  for (const name of ["class", "role", "aria-label"]) {
    copy.removeAttribute(name);
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

/** A drawing with the button that saves it. */
export function Saved({ name, children }: { name: string; children: ComponentChildren }) {
  const figure = useRef<HTMLElement>(null);
  const save = () => {
    const drawing = figure.current?.querySelector<SVGSVGElement>("svg.drawing");
    if (!drawing) {
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([standalone(drawing)], { type: "image/svg+xml" }));
    link.download = `${name}.svg`;
    link.click();
    // Not before the browser has read it.
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  return (
    <figure ref={figure} class="saved">
      {/* A wide drawing scrolls; so that the keyboard can scroll it, it takes the focus. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section class="scroll" tabIndex={0} aria-label={`Drawing ${name}`}>
        {children}
      </section>
      <button type="button" class="quiet" onClick={save}>
        Save as SVG
      </button>
    </figure>
  );
}
