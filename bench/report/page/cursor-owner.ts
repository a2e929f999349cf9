/**
 * Whether the keyboard has put the cursor where it is. One for the page, as charts over time share their cursor.
 */
let isKeyboards = false;

/** Keeps the cursor where the keyboard puts it, until the mouse is moved over a chart, or {@link freeCursor}. */
export function giveCursorToKeyboard(): void {
  isKeyboards = true;
}

/** Lets the mouse have the cursor again. */
export function freeCursor(): void {
  isKeyboards = false;
}

/**
 * Takes only the events of a mouse that was moved. Browsers also send them when the page is scrolled below a mouse that
 * rests, as it is when a chart is focused: that took the cursor away from the keyboard.
 */
export const mouseBindings: uPlot.Cursor.Bind = {
  mousemove: (_, over, handle) => (event) => {
    if (event.target !== over) return null;
    if (isKeyboards && event.movementX === 0 && event.movementY === 0) return null;
    isKeyboards = false;
    return handle(event);
  },
  // Has no movement of its own; one that comes of a movement follows a mousemove.
  mouseleave: (_, over, handle) => (event) =>
    event.target !== over || isKeyboards ? null : handle(event),
};
