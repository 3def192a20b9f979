/** The sound of a new message: two soft notes, made on the spot. */

const NOTES = [[659.25, 0], [987.77, 0.09]]; // Hz (E5, B5) and the second each begins at
const LOUDNESS = 0.06;
const FADE = 0.45; // seconds

let context = null; // browsers allow few, and let one speak only after a tap

/** Play it; where the browser does not let us yet, nothing happens. */
export function chime() {
  context ??= new AudioContext();
  for (const [pitch, begins] of NOTES) {
    const at = context.currentTime + begins;
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(LOUDNESS, at);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + FADE);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + FADE);
  }
}
