import type { TaskChoice } from '../../lib/target/types'
import { type Column, inColumns } from '../../lib/terminal/table'
import { since } from '../../lib/text/time'
import { plain } from './choices'
import { pickOne } from './pick-container'

const columns: readonly Column[] = [{ least: 12 }, { least: 8 }, { least: 4, leaveOut: 1 }]

/**
 * Lets somebody at the terminal choose one of a swarm service's tasks, by its name or its node.
 * @throws DockerBashError without words when they left: see `pickOne`
 */
export function chooseTask(service: string, tasks: readonly TaskChoice[]): Promise<TaskChoice> {
  return pickOne(`${plain(service)} is ${tasks.length} tasks:`, (typed, width) => {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
    const found = tasks.filter(({ name, node }) =>
      words.every((word) => `${name}\n${node}`.toLowerCase().includes(word)),
    )
    const cells = found.map((one) => [one.name, `on ${one.node}`, `up ${since(one.since)}`].map(plain))
    const lines = inColumns(cells, columns, width)
    return found.map((one, index) => ({
      ...{ value: one, line: lines[index] ?? '', more: `${one.id}  node ${plain(one.node)}`, dim: false },
    }))
  })
}
