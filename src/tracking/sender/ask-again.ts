/** Pauses before each question after something was sent: a server may need a moment until it sees it. */
export const ASK_AGAIN_MS = [0, 500, 1500, 3000, 5000];
