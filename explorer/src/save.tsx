// Drawings as SVG files that stand alone, in any program: looks as attributes, in light colours.

import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Scroll } from "./scroll";

const LOOKS = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray"];
const LOOKS_OF_TEXT = ["font-family", "font-size", "text-anchor"];

const SVG = "http://www.w3.org/2000/svg";

/** The text of an SVG file with what a drawing in the page shows. */
function standalone(drawing: SVGSVGElement, name: string): string {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const light = document.createElement("div");
  light.className = "light-copy";
  light.append(copy);
  document.body.append(light);
  for (const element of copy.querySelectorAll<SVGElement>("*")) {
    const looks = getComputedStyle(element);
    for (const look of element.tagName === "text" ? [...LOOKS, ...LOOKS_OF_TEXT] : LOOKS) {
      element.setAttribute(look, looks.getPropertyValue(look));
    }
  }
  for (const element of copy.querySelectorAll("*")) {
    for (const name of ["class", "style", "tabindex", "role", "aria-label", "aria-pressed"]) {
      element.removeAttribute(name);
    }
  }
  light.remove();
  copy.setAttribute("xmlns", SVG);
  // The same on any ground.
  const ground = document.createElementNS(SVG, "rect");
  ground.setAttribute("width", "100%");
  ground.setAttribute("height", "100%");
  ground.setAttribute("fill", "#ffffff");
  const title = document.createElementNS(SVG, "title");
  title.textContent = `${name}: ${copy.getAttribute("aria-label")}`;
  copy.prepend(title, ground);
  for (const attribute of ["class", "role", "aria-label", "aria-hidden"]) {
    copy.removeAttribute(attribute);
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

/** A drawing with the button that saves it. */
export function Saved({ name, children }: { name: string; children: ComponentChildren }) {
  const figure = useRef<HTMLElement>(null);
  const save = () => {
    const drawing = figure.current?.querySelector("svg");
    if (!drawing) {
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(
      new Blob([standalone(drawing, name)], { type: "image/svg+xml" }),
    );
    link.download = `${name}.svg`;
    link.click();
    // Not before the browser has read it.
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  return (
    <figure ref={figure} class="saved">
      <Scroll label={`Drawing ${name}`}>{children}</Scroll>
      <button type="button" class="quiet" onClick={save}>
        Save as SVG
      </button>
    </figure>
  );
}
