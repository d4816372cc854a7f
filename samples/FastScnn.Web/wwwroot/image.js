// Makes of a chosen file what the server takes: an image of a format that it reads, within its limits. The server turns it upright. Most images are sent as they are.

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
    const scale = Math.min(1, Math.sqrt(limits.maxPixels / (bitmap.width * bitmap.height)));
    if (scale < 1) changes.push("shrunk");
    if (!["image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp"].includes(file.type)) changes.push("converted to JPEG");
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
  return new Promise((resolve, reject) => canvas.toBlob(blob => blob ? resolve(blob) : reject(new Error("The image cannot be redrawn here.")), "image/jpeg", 0.95));
}
