/** For open(2): the name of a file, without opening it. Node does not know the number. */
export const O_PATH = 0o10000000
