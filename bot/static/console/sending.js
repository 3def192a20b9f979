// A file on its way to the server: how much of it is there, and what the server says to it.

import { Refusal } from "./api.js";

const UNREACHABLE = "The server cannot be reached.";

export function sized(bytes) {
  return bytes < 2 ** 20 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${Number((bytes / 2 ** 20).toFixed(1))} MB`;
}

/** Send a file; tells how much is there, 0 to 1, and gives the server's answer. A fetch does not tell, so that it is the older way. */
export function sent(path, file, csrf, told, signal) {
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append("file", file, file.name || "file");
  return new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => told(total ? loaded / total : 0);
    request.onerror = () => reject(new Refusal(0, { detail: UNREACHABLE }));
    request.onabort = () => reject(new Refusal(0, { detail: " " }));
    request.onload = () => {
      if (request.status === 200 && request.response) resolve(request.response);
      else reject(new Refusal(request.status, request.response ?? {}));
    };
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", path);
    request.responseType = "json";
    if (csrf) request.setRequestHeader("X-CSRF", csrf);
    request.send(form);
  });
}
