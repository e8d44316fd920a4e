// Clips to hear and to look at: the kernel sends a sound when it is first asked for, and a new one
// ends the last.
function clipPlayer(model, over) {
  const known = new Map();
  let sound = new Audio();
  let wanted = null;
  const start = () => {
    sound.pause();
    sound = new Audio(known.get(wanted));
    sound.play().catch(() => {}); // a newer clip came, or the page may make no sound yet
  };
  const heard = ({ clip }, [bytes]) => {
    known.set(clip, URL.createObjectURL(new Blob([bytes])));
    if (clip === wanted) start();
  };
  model.on("msg:custom", heard);
  over.addEventListener("abort", () => {
    sound.pause();
    model.off("msg:custom", heard);
    known.forEach((url) => URL.revokeObjectURL(url));
  });
  return (clip) => {
    wanted = clip;
    if (known.has(clip)) start();
    else model.send({ clip });
  };
}

// How loud a clip is over time, a bar for each byte of its outline.
function drawOutline(pen, bytes, { x = 0, y = 0, width, height }, colour) {
  const wide = width / bytes.length;
  pen.fillStyle = colour;
  bytes.forEach((loud, at) => {
    const high = Math.max(1, (loud / 255) * height);
    pen.fillRect(x + at * wide, y + (height - high) / 2, 0.7 * wide, high);
  });
}
