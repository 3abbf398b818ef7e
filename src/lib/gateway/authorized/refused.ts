/** Why a line does not count, as a clause. */
export class LineRefused extends Error {}
