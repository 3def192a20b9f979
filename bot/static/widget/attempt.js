/** For what some browsers refuse and some texts are not good for. */

/** Return what an act gives, null where it throws. */
export function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
