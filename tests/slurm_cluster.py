"""A SLURM of one node on this machine, for tests and measurements; needs no systemd.

``python tests/slurm_cluster.py COMMAND …`` starts it, runs the command in it, and stops it. It
wants Debian's packages slurm-wlm and munge, and the user root; it writes to a folder of its own
only, and stops the processes that it started, by their numbers.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PROGRAMS = ("munged", "munge", "slurmctld", "slurmd", "sinfo", "squeue", "scontrol", "srun")
_SECONDS = 60
"""Longest wait for a daemon."""
_CONF = """\
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
MpiDefault=none
SwitchType=switch/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
EnforcePartLimits=ALL
GresTypes=gpu
DefMemPerCPU=100
MinJobAge=300
ReturnToService=2
SlurmdParameters=config_overrides
KillWait=5
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:1 State=UNKNOWN
PartitionName=cpu Nodes={host} Default=YES MaxTime=INFINITE State=UP
PartitionName=gpu Nodes={host} Default=NO MaxTime=INFINITE State=UP
"""


def missing() -> str | None:
    """Why no cluster can be started here; None if one can."""
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    if absent:
        return f"no {', '.join(absent)}: apt-get install --no-install-recommends slurm-wlm munge"
    return None if os.geteuid() == 0 else "a cluster is started by root only"


class Cluster:
    """A running cluster: one node, partitions ``cpu`` (the default) and ``gpu``, one fake GPU.

    Attributes:
        folder: Where its files are.
        environment: In which commands talk to it.
    """

    def __init__(self, cpus: int = 4, memory: int = 8000) -> None:
        """Starts it.

        Args:
            cpus: That the node says it has.
            memory: In megabytes.
        """
        # A socket's path has to be short.
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))
        self._daemons: list[subprocess.Popen[bytes]] = []
        self.environment = {
            **os.environ,
            "SLURM_CONF": str(self.folder / "slurm.conf"),
            "PATH": f"{self.folder}:{os.environ['PATH']}",
        }
        self.node = socket.gethostname().split(".")[0]
        try:
            self._configure(cpus, memory)
            self._start()
        except BaseException:
            self.stop()
            raise

    def _configure(self, cpus: int, memory: int) -> None:
        (self.folder / "slurm.conf").write_text(
            _CONF.format(
                host=self.node,
                ports=_free_ports(2),
                user=pwd.getpwuid(os.geteuid()).pw_name,
                folder=self.folder,
                cpus=cpus,
                memory=memory,
            )
        )
        # SLURM refuses a GPU without a device file.
        (self.folder / "gres.conf").write_text("Name=gpu File=/dev/null\n")
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        (self.folder / "munge.key").write_bytes(os.urandom(1024))
        (self.folder / "munge.key").chmod(0o600)
        # A job's step forgets SLURM_CONF before it calls srun.
        wrapper = self.folder / "srun"
        wrapper.write_text(
            f'#!/bin/sh\nSLURM_CONF={self.folder}/slurm.conf exec {shutil.which("srun")} "$@"\n'
        )
        wrapper.chmod(0o755)

    def _start(self) -> None:
        of_munge = [
            f"--{name}={self.folder / file}"
            for name, file in (
                ("key-file", "munge.key"),
                ("socket", "munge.socket"),
                ("pid-file", "munged.pid"),
                ("log-file", "munged.log"),
                ("seed-file", "munged.seed"),
            )
        ]
        self._daemon("munged", "--foreground", "--force", *of_munge)
        socket_option = f"--socket={self.folder / 'munge.socket'}"
        self._wait(lambda: self._quiet("munge", "-n", socket_option) is not None, "munged")
        self._daemon("slurmctld", "-D", "-c")
        self._daemon("slurmd", "-D", "-c")
        self._wait(lambda: self.state() == "idle", "a node that is idle")

    def _daemon(self, *command: str) -> None:
        with (self.folder / f"{command[0]}.out").open("wb") as output:
            self._daemons.append(
                subprocess.Popen(
                    command, env=self.environment, stdout=output, stderr=subprocess.STDOUT
                )
            )

    def _wait(self, ready: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _SECONDS
        while not ready():
            for daemon in self._daemons:
                if daemon.poll() is not None:
                    raise RuntimeError(f"{daemon.args} ended; see {self.folder}\n{self._logs()}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {_SECONDS} s for {what}\n{self._logs()}")
            time.sleep(0.2)

    def _logs(self) -> str:
        files = [*self.folder.glob("*.log"), *self.folder.glob("*.out")]
        return "\n".join(f"{file.name}: {file.read_text()[-800:]}" for file in files)

    def _quiet(self, *command: str) -> str | None:
        """What a command prints; None if it fails."""
        process = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        return process.stdout if process.returncode == 0 else None

    def state(self) -> str:
        """What SLURM says of the node, such as ``idle`` or ``drained``."""
        return (self._quiet("sinfo", "-h", "-o", "%T", "-p", "cpu") or "").strip()

    def jobs(self) -> list[str]:
        """The numbers of the jobs that wait or run."""
        return (self._quiet("squeue", "-h", "-o", "%i") or "").split()

    def control(self, *arguments: str) -> None:
        """Gives an order by ``scontrol``."""
        subprocess.run(["scontrol", *arguments], env=self.environment, check=True)

    def cancel(self) -> None:
        """Cancels all jobs."""
        if jobs := self.jobs():
            self._quiet("scancel", *jobs)

    def stop(self) -> None:
        """Cancels its jobs, stops its processes and removes its files."""
        if len(self._daemons) > 1:
            self.cancel()
        for daemon in reversed(self._daemons):
            daemon.send_signal(signal.SIGTERM)
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Cluster":
        """The running cluster."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stops it."""
        self.stop()


def _free_ports(number: int) -> list[int]:
    """Ports of this machine that nothing listens on."""
    sockets = [socket.socket() for _ in range(number)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def main(command: Sequence[str]) -> int:
    """Runs a command in a cluster; its exit status."""
    if (reason := missing()) is not None:
        print(reason, file=sys.stderr)
        return 2
    with Cluster() as cluster:
        return subprocess.run(command, env=cluster.environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
