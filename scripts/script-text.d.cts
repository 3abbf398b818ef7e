/** A script's file as the text that goes into the words of a process. @param path of the file: its name says what it is */
export function scriptText(source: string, path: string): string
