"""Several processes behind one socket: one that dies is made anew, and none outlives the process that made them.

They are forked, after everything they need is loaded: they share the memory of that, and a new one is there at once.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from threading import Thread
from types import FrameType
from typing import NoReturn

from service.errors import RedwoodError

#: Seconds a worker lives if nothing is wrong with it from the start; one that did not is made anew after as many.
_SOUND = 1.0


class Workers:
    def __init__(self, count: int, work: Callable[[], None], ended: Callable[[int], None]) -> None:
        """`work` is done by each of `count` processes; `ended` hears the number of each that is no more."""
        self._count, self._work, self._ended = count, work, ended
        self._begun: dict[int, float] = {}
        self._stopping = False
        # Nothing is ever written to it: whoever reads it hears that the last writer, this process, is gone.
        self._heard, self._alive = os.pipe()

    def run(self) -> int:
        """Return when all have ended, which SIGTERM and SIGINT make them: 0, or the code of one that gave up itself."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        gc.freeze()  # collecting would write to the memory that is shared
        for _ in range(self._count):
            self._start()
        code = 0
        while self._begun:
            pid, status = os.wait()
            lived = time.monotonic() - self._begun.pop(pid)
            self._ended(pid)
            ending = os.waitstatus_to_exitcode(status)
            if ending > 0:
                code = ending  # what it could not do, another could not either
                self._stop()
            elif not self._stopping:
                time.sleep(0 if lived > _SOUND else _SOUND)
                self._start()
        return code

    def _stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        self._stopping = True
        for pid in self._begun:
            os.kill(pid, signal.SIGTERM)

    def _start(self) -> None:
        pid = os.fork()
        if not pid:
            self._be_one()
        self._begun[pid] = time.monotonic()
        if self._stopping:
            os.kill(pid, signal.SIGTERM)

    def _be_one(self) -> NoReturn:
        """Nothing that the first process would do at its end is done here too."""
        code = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            os.close(self._alive)
            Thread(target=self._end_with_the_first, daemon=True).start()
            self._work()
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        except (RedwoodError, OSError) as error:
            sys.stderr.write(f"redwood: {' '.join(str(error).split())}\n")
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _end_with_the_first(self) -> None:
        os.read(self._heard, 1)
        os.kill(os.getpid(), signal.SIGTERM)
