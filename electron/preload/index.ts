/** @file All that the page gets from Electron: ask, listen, hand over what was dropped. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';

interface Answer {
  ok: boolean;
  value?: unknown;
}

// Values cross to the page as text: of an object Electron copies every field by itself, and 200 rows have thousands.
contextBridge.exposeInMainWorld('labelwright', {
  /** @returns a Result, its value as JSON; the page unwraps it */
  async call(name: string, input: unknown): Promise<unknown> {
    const answer = (await ipcRenderer.invoke('call', name, input)) as Answer;
    return answer.ok ? { ok: true, value: JSON.stringify(answer.value) } : answer;
  },

  /** @param listener  gets JSON. @returns the function that stops listening */
  on(name: string, listener: (payload: string) => void): () => void {
    const receive = (_event: unknown, sent: string, payload: unknown) => {
      if (sent === name) listener(JSON.stringify(payload));
    };
    ipcRenderer.on('event', receive);
    // What happened before anybody listened comes now.
    ipcRenderer.send('listening', String(name));
    return () => void ipcRenderer.removeListener('event', receive);
  },

  /** Paths are read here and never reach the page. @returns a Result, as of 'folders.choose' */
  dropFolders(files: File[], datasetId: number | null): Promise<unknown> {
    const paths = files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== '');
    return ipcRenderer.invoke('drop-folders', { paths, datasetId });
  },
});
