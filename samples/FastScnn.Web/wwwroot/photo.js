// Makes of a chosen file what the server takes: upright, as JPEG or PNG, and within its limits. Most photos are sent as they are.

/** @returns {Promise<{blob: Blob, changes: string[]}>} */
export async function prepare(file, limits) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return { blob: file, changes: [] }; // The server says what is wrong with it.
  }
  try {
    const changes = [];
    // Its orientation tag is for viewers; the network would see the photo lying on its side.
    if (await orientation(file) > 1) changes.push("turned upright");
    const scale = Math.min(1, Math.sqrt(limits.maxPixels / (bitmap.width * bitmap.height)));
    if (scale < 1) changes.push("shrunk");
    if (!["image/jpeg", "image/png"].includes(file.type)) changes.push("converted to JPEG");
    else if (file.size > limits.maxBytes && scale === 1) changes.push("compressed");
    if (changes.length === 0) return { blob: file, changes };
    return { blob: await redraw(bitmap, Math.floor(bitmap.width * scale), Math.floor(bitmap.height * scale)), changes };
  } finally {
    bitmap.close();
  }
}

async function redraw(bitmap, width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.max(1, width), Math.max(1, height)];
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob(blob => blob ? resolve(blob) : reject(new Error("The photo cannot be redrawn here.")), "image/jpeg", 0.95));
}

// The EXIF orientation of a JPEG, 1 to 8; 1 where there is none.
async function orientation(file) {
  const view = new DataView(await file.slice(0, 1 << 17).arrayBuffer());
  try {
    if (view.getUint16(0) !== 0xffd8) return 1;
    for (let at = 2; view.getUint8(at) === 0xff && view.getUint8(at + 1) !== 0xda; at += 2 + view.getUint16(at + 2)) {
      const isExif = view.getUint16(at) === 0xffe1 && view.getUint32(at + 4) === 0x45786966;
      if (isExif) return tag(view, at + 10);
    }
  } catch (e) {
    if (!(e instanceof RangeError)) throw e;
  }
  return 1;
}

function tag(view, tiff) {
  const little = view.getUint16(tiff) === 0x4949;
  const entries = tiff + view.getUint32(tiff + 4, little);
  for (let i = 0, count = view.getUint16(entries, little); i < count; i++) {
    const entry = entries + 2 + 12 * i;
    if (view.getUint16(entry, little) === 0x0112) return view.getUint16(entry + 8, little);
  }
  return 1;
}
