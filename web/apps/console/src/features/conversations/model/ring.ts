let audio: AudioContext | null = null;
let last = 0;
const restMs = 3000;

/** Two short soft tones; at most once in three seconds, however many call. */
export function ring(nowMs: number): void {
  if (nowMs - last < restMs) return;
  last = nowMs;
  try {
    audio ??= new AudioContext();
    const start = audio.currentTime;
    tone(audio, 660, start);
    tone(audio, 880, start + 0.12);
  } catch {
    // A page that was never touched may make no sound; the marks are still there.
  }
}

function tone(context: AudioContext, pitch: number, at: number): void {
  const [wave, volume] = [context.createOscillator(), context.createGain()];
  wave.frequency.value = pitch;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.08, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.25);
  wave.connect(volume).connect(context.destination);
  wave.start(at);
  wave.stop(at + 0.3);
}
