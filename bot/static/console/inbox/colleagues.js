// Who may be asked to care for a conversation: those who sign in here, and whoever has one that is shown.

/** Ask for a name; gives it, empty for nobody in particular, null where nothing was chosen. */
export async function whom(desk, rows, ask, title = "Who should take care of it?") {
  const { names } = await desk.api.get("/api/v1/colleagues").catch(() => ({ names: [] }));
  return ask({ title, choices: choices(desk.me.name, names, rows), field: "Another name" });
}

/** The choices of `whom`, oneself first. */
export function choices(me, names, rows) {
  const others = new Set([...names, ...rows.map(({ owner }) => owner)].filter((name) => name && name !== me));
  return [[`Me, ${me}`, me], ...[...others].map((name) => [name, name]), ["Nobody in particular", ""]];
}
