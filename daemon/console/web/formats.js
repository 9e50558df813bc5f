// Times as people at the desk read them: in the site's own time zone, 24 hours.

/** How times are written. @typedef {{ language: string, timezone?: string }} Habits */

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * @param {Habits} habits
 * @param {Intl.DateTimeFormatOptions} options
 */
function format(habits, options) {
  const key = JSON.stringify([habits.language, habits.timezone, options]);
  let found = formats.get(key);
  if (!found) {
    const region = habits.language === "en" ? "en-GB" : habits.language;
    found = new Intl.DateTimeFormat(region, { ...options, timeZone: habits.timezone });
    formats.set(key, found);
  }
  return found;
}

const hourMinute = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** "08:05". @param {Habits} habits @param {number | string} time */
export function clockTime(habits, time) {
  return format(habits, hourMinute).format(new Date(time));
}

/** "Monday 2 March". @param {Habits} habits @param {number | string} time */
export function longDay(habits, time) {
  return format(habits, { weekday: "long", day: "numeric", month: "long" }).format(new Date(time));
}

/**
 * "08:05" today, "1 Mar, 17:32" on other days.
 * @param {Habits} habits
 * @param {number | string} time
 * @param {number} now
 */
export function dayAndTime(habits, time, now) {
  const day = format(habits, { day: "numeric", month: "short" });
  const [then, today] = [day.format(new Date(time)), day.format(now)];
  return then === today ? clockTime(habits, time) : `${then}, ${clockTime(habits, time)}`;
}
