/** At most so many at once; the answers in the order of the questions. */
export async function inTurns<A, B>(all: readonly A[], most: number, act: (one: A) => Promise<B>): Promise<B[]> {
  const answers: B[] = []
  let at = 0
  const worker = async () => {
    for (let index = at++; index < all.length; index = at++) answers[index] = await act(all[index] as A)
  }
  await Promise.all(Array.from({ length: Math.min(most, all.length) }, worker))
  return answers
}
