// One's own voice: recorded or read from a file, mono at the model's rate, sent to the kernel.

const NO_MICROPHONE = {
  NotAllowedError: "This page may not use the microphone: allow it beside the page's address",
  NotFoundError: "No microphone was found: connect one",
};

// What any file or recording says, in one channel; decoding brings it to the context's rate.
async function samplesOf(file, { rate, longest }) {
  const context = new OfflineAudioContext(1, 1, rate);
  const sound = await context.decodeAudioData(await file.arrayBuffer());
  const wave = new Float32Array(Math.min(sound.length, longest * rate));
  const count = sound.numberOfChannels;
  for (let channel = 0; channel < count; channel++) {
    const part = sound.getChannelData(channel);
    for (let at = 0; at < wave.length; at++) wave[at] += part[at] / count;
  }
  return wave;
}

// A microphone that listens until it is told to stop, or for `longest` seconds.
function recorder({ longest, take, refuse, show, over }) {
  let tape = null;
  const stop = () => tape?.state === "recording" && tape.stop();
  const listen = (stream) => {
    const pieces = [];
    const end = setTimeout(stop, 1000 * longest);
    tape = new MediaRecorder(stream);
    tape.addEventListener("dataavailable", ({ data }) => pieces.push(data));
    tape.addEventListener("stop", () => {
      clearTimeout(end);
      stream.getTracks().forEach((track) => track.stop());
      show(false);
      if (!over.aborted) take(new Blob(pieces, { type: tape.mimeType }));
    });
    tape.start();
    show(true);
  };
  const start = async () => {
    const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: plain });
      if (over.aborted) stream.getTracks().forEach((track) => track.stop());
      else listen(stream);
    } catch (error) {
      const insecure = "This page has no microphone: it needs https or localhost";
      refuse(`${NO_MICROPHONE[error.name] ?? insecure}, or choose a file.`);
    }
  };
  over.addEventListener("abort", stop);
  return () => (tape?.state === "recording" ? stop() : start());
}

// The two ways to bring a clip of one's own, beside one another; gives the button that records.
function ownClip(parent, { label, name, rate, longest, bring, refuse, over }) {
  let taken = 0;
  const read = async (file, called) => {
    try {
      bring(called, await samplesOf(file, { rate, longest }));
    } catch {
      refuse(`${called} cannot be read as sound: choose a WAV, MP3, Ogg or M4A file.`);
    }
  };
  const take = (file) => read(file, `${name} ${++taken}`);
  const show = (isOn) => (record.textContent = isOn ? "■ Stop" : "● Record");
  const record = button(parent, "", recorder({ longest, take, refuse, show, over }));
  record.ariaLabel = `Record ${label}, or stop`;
  show(false);
  const input = make("input", parent, { type: "file", accept: "audio/*,video/*", hidden: true });
  button(parent, "File …", () => input.click()).ariaLabel = `File for ${label}`;
  input.addEventListener("change", () => {
    if (input.files.length) read(input.files[0], input.files[0].name);
    input.value = ""; // the same file may be chosen again
  });
  return record;
}
