// One file on its way to Halley (POST /upload), and what was sent before. Browser only.

import { ApiError, ofUser, toError, type Api } from '../transport/api';
import { t, w, type Word } from '../words/words';

/** As the gateway has it (kMostUpload): nothing of more is sent in vain. */
const MOST_BYTES = 25 * 1024 * 1024;

const OWN_WORDS: Record<string, Word> = {
  no_uploads: w('You may send no files here. Ask who runs this Halley.'),
  too_large: w('A file has 25 MiB at most.'),
  quota: w('There is no room for it. Remove files that nobody needs any more: Settings, Files.'),
  too_many_uploads: w('Another file of yours is on its way. Try again once it is there.'),
  disk: w('Halley has no room on its disk.'),
};

function inOwnWords(error: ApiError): ApiError {
  const own = OWN_WORDS[error.code];
  return own === undefined ? error : new ApiError(error.status, error.code, t(own));
}

/** Its address, among the files of `user` and nobody else's. `progress` hears which part of it is sent; `stop` ends it, and then nothing more is heard. Throws words for a person. */
export async function upload(file: File, user: string, progress: (part: number) => void, stop: AbortSignal): Promise<string> {
  if (file.size > MOST_BYTES) throw inOwnWords(new ApiError(0, 'too_large', ''));
  const response = await post(file, user, progress, stop);
  if (!response.ok) throw inOwnWords(await toError(response));
  const { url } = (await response.json()) as { url: string };
  return new URL(url, window.location.href).href;
}

/** Not by fetch(), which does not tell how far it has come. */
function post(file: File, user: string, progress: (part: number) => void, stop: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', 'upload');
    request.setRequestHeader('content-type', file.type === '' ? 'application/octet-stream' : file.type);
    for (const [name, value] of Object.entries(ofUser(user))) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    request.onload = () => resolve(new Response(request.responseText, { status: request.status }));
    request.onerror = () => reject(new ApiError(0, 'no_answer', t('The file did not get through. Check your connection, and that it can still be read.')));
    stop.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

export interface KeptFile {
  name: string;
  bytes: number;
  time: string;
}

/** Newest first. */
export async function keptFiles(api: Api): Promise<KeptFile[]> {
  const raw = await api.resource('GET', 'uploads');
  if (!Array.isArray(raw)) return [];
  const files = (raw as Partial<KeptFile>[]).map(({ name, bytes, time }) => ({ name: String(name), bytes: Number(bytes), time: String(time) }));
  return files.sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));
}

export async function removeFile(api: Api, name: string): Promise<void> {
  await api.resource('DELETE', `uploads/${encodeURIComponent(name)}`);
}

export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
