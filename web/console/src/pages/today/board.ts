// The day's board, held here and brought up to date by what changed.

import { useEffect, useState } from "preact/hooks";
import { asProblem, get, Problem, type Schemas } from "../../api/client.ts";
import { setOffset } from "../../state/clock.ts";
import { listen } from "../../state/live.ts";

export type Board = Schemas["Board"];
export type Manager = Schemas["ManagerDay"];
export type Stop = Schemas["Stop"];

export interface BoardState {
  board: Board | undefined;
  problem: Problem | undefined;
}

/** Of an older board and an answer, the newer board. Managers that did not change stay the same objects. */
export function merged(before: Board | undefined, answer: Board): Board {
  if (answer.whole || !before) return answer;
  const fresh = new Map(answer.managers.map((manager) => [manager.person_id, manager]));
  return { ...answer, managers: before.managers.map((manager) => fresh.get(manager.person_id) ?? manager) };
}

/** The board of a day, live; without a date: of today. */
export function useBoard(date: string | undefined): BoardState {
  const [state, setState] = useState<BoardState>({ board: undefined, problem: undefined });
  useEffect(() => {
    let board: Board | undefined;
    let stopped = false;
    let busy = false;
    let again = false;
    async function refresh() {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      try {
        const answer = await get<Board>("/v1/board", { date, since: board?.version, stops: true });
        if (stopped) return;
        setOffset(answer.now_ms);
        // Midnight has passed: another day is another board.
        board = merged(board && board.date === answer.date ? board : undefined, answer);
        setState({ board, problem: undefined });
      } catch (fault) {
        if (!stopped) setState({ board, problem: asProblem(fault) });
      }
      busy = false;
      if (again && !stopped) {
        again = false;
        void refresh();
      }
    }
    void refresh();
    const stop = listen(() => void refresh());
    return () => {
      stopped = true;
      stop();
    };
  }, [date]);
  return state;
}
