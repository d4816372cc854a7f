// Sends the newest frames of a camera to the server, two at a time, and draws the classes that come back over the video.

const inFlight = 2, longSide = 640, quality = 0.8, smallest = 64;

const cameraFaults = {
  NotAllowedError: "the browser did not allow it. Allow the camera for this page, and start it again.",
  NotFoundError: "no camera was found.",
  OverconstrainedError: "no camera was found.",
  NotReadableError: "it cannot be read; another program may be using it.",
};

export class LiveCamera {
  #video; #mask; #limits; #on;
  #ended = false; #opened = false; #encoding = false;
  #stream = null; #socket = null; #timer = 0;
  #frame = document.createElement("canvas"); #scale = 1;
  #number = 0; #shown = 0; #sent = new Map();
  #skipped = 0; #dropped = 0; #began = 0; #times = []; #latency = 0;

  /** `on.result(reply)`, `on.stats({ rate, latency, dropped })`, `on.problem(text or null)`, and once `on.end(text or null)`. */
  constructor(video, mask, limits, on) {
    [this.#video, this.#mask, this.#limits, this.#on] = [video, mask, limits, on];
  }

  async start() {
    try {
      if (!navigator.mediaDevices?.getUserMedia) throw new Error("browsers give it to pages with https, and on localhost, alone.");
      const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { width: { ideal: longSide }, facingMode: { ideal: "environment" } } });
      this.#stream = stream;
      if (this.#ended) return this.#release();
      stream.getVideoTracks()[0].onended = () => this.#end("The camera stopped.");
      this.#video.srcObject = stream;
      await this.#video.play();
    } catch (e) {
      return this.#end(`The camera cannot be used: ${cameraFaults[e.name] ?? e.message}`);
    }
    if (this.#ended) return;
    const address = new URL("live", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.#socket = new WebSocket(address);
    this.#socket.onopen = () => { [this.#opened, this.#began] = [true, performance.now()]; this.#next(); };
    this.#socket.onmessage = e => this.#answer(JSON.parse(e.data));
    this.#socket.onclose = e => this.#end(e.reason || (this.#opened ? "The connection to the server was lost." : "The server cannot be reached."));
    this.#timer = setInterval(() => { if (this.#shown > 0) this.#tell(); }, 500);
  }

  stop() {
    this.#end(null);
  }

  #end(why) {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#timer);
    this.#socket?.close();
    this.#release();
    this.#on.end(why);
  }

  #release() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    if (this.#video.srcObject === this.#stream) this.#video.srcObject = null;
  }

  #next() {
    if (this.#ended) return;
    if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(() => this.#take());
    else requestAnimationFrame(() => this.#take());
  }

  #take() {
    this.#next();
    if (this.#encoding || this.#sent.size >= inFlight) this.#skipped++;
    else this.#send();
  }

  async #send() {
    const taken = performance.now(), { videoWidth: width, videoHeight: height } = this.#video;
    if (this.#ended || width === 0) return;
    const scale = this.#scale * Math.min(1, longSide / Math.max(width, height), Math.sqrt(this.#limits.maxFramePixels / (width * height)));
    this.#encoding = true;
    [this.#frame.width, this.#frame.height] = [Math.max(1, Math.floor(width * scale)), Math.max(1, Math.floor(height * scale))];
    this.#frame.getContext("2d").drawImage(this.#video, 0, 0, this.#frame.width, this.#frame.height);
    const blob = await new Promise(resolve => this.#frame.toBlob(resolve, "image/jpeg", quality));
    this.#encoding = false;
    if (this.#ended || blob === null) return;
    if (blob.size > this.#limits.maxFrameBytes) {
      this.#scale *= 0.7;
      if (Math.max(this.#frame.width, this.#frame.height) < smallest) this.#end(`The frames are over the server's limit of ${this.#limits.maxFrameBytes} bytes.`);
      return;
    }
    this.#sent.set(++this.#number, taken);
    this.#socket.send(blob);
  }

  async #answer(reply) {
    const taken = this.#sent.get(reply.frame);
    for (const number of this.#sent.keys()) if (number <= reply.frame) this.#sent.delete(number);
    this.#dropped = reply.dropped;
    if (reply.problem) {
      this.#skipped++;
      this.#on.problem(reply.problem.detail);
      return;
    }
    const png = new Blob([Uint8Array.from(atob(reply.result.mask), c => c.charCodeAt(0))], { type: "image/png" });
    const bitmap = await createImageBitmap(png);
    if (!this.#ended && reply.frame > this.#shown) {
      this.#shown = reply.frame;
      [this.#mask.width, this.#mask.height] = [bitmap.width, bitmap.height];
      this.#mask.getContext("2d").drawImage(bitmap, 0, 0);
      const now = performance.now();
      this.#latency = now - taken;
      this.#times.push(now);
      this.#on.problem(null);
      this.#on.result(reply.result);
    }
    bitmap.close();
  }

  // The rate is that of the last three seconds.
  #tell() {
    const now = performance.now(), span = Math.min(3000, now - this.#began);
    this.#times = this.#times.filter(time => now - time < span);
    this.#on.stats({ rate: 1000 * this.#times.length / span, latency: this.#latency, dropped: this.#skipped + this.#dropped });
  }
}
