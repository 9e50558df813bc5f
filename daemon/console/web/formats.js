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

/** Of the day. @param {string} clock such as "08:05" */
export const minutesOf = (clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

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

/** A local date, such as "2026-03-02", at noon where no time zone changes it. @param {string} day */
const noon = (day) => new Date(`${day}T12:00:00Z`);

/** "Mon 2 Mar". @param {Habits} habits @param {string} day ISO date */
export function shortDay({ language }, day) {
  const options = /** @type {const} */ ({ weekday: "short", day: "numeric", month: "short" });
  return format({ language, timezone: "UTC" }, options).format(noon(day));
}

/** "March 2026". @param {Habits} habits @param {string} month "2026-03" */
export function monthName({ language }, month) {
  const options = /** @type {const} */ ({ month: "long", year: "numeric" });
  return format({ language, timezone: "UTC" }, options).format(noon(`${month}-01`));
}

/** "2 March 2026". @param {Habits} habits @param {number | string} time */
export function shortDate(habits, time) {
  return format(habits, { day: "numeric", month: "long", year: "numeric" }).format(new Date(time));
}

/** "2 Mar 2026, 08:05:31". @param {Habits} habits @param {number | string} time */
export function dateAndTime(habits, time) {
  return format(habits, {
    day: "numeric",
    month: "short",
    year: "numeric",
    ...hourMinute,
    second: "2-digit",
  }).format(new Date(time));
}

/** The site's local date, "2026-03-02". @param {Habits} habits @param {number | string} time */
export function isoDay({ timezone }, time) {
  const options = /** @type {const} */ ({ day: "2-digit", month: "2-digit", year: "numeric" });
  return format({ language: "sv", timezone }, options).format(new Date(time));
}

/** "38 h 30". @param {number} minutes */
export function hours(minutes) {
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}
