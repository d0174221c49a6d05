/** @file All that the page gets from Electron: ask, listen, hand over what was dropped. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';

contextBridge.exposeInMainWorld('labelwright', {
  /** @returns a Result; the page unwraps it */
  call(name: string, input: unknown): Promise<unknown> {
    return ipcRenderer.invoke('call', name, input);
  },

  /** @returns the function that stops listening */
  on(name: string, listener: (payload: unknown) => void): () => void {
    const receive = (_event: unknown, sent: string, payload: unknown) => {
      if (sent === name) listener(payload);
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
