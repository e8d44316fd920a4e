// Clips to hear: the kernel sends each when it is first asked for, and a new one ends the last.
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
