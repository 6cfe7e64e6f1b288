"""The program that answers questions about single statements (probe.c), asked many at once."""
import json
import subprocess


class Probe:
    def __init__(self, build):
        self.program = build / "tests/conformance/conformance_probe"

    def ask(self, questions):
        """The answers, in the order of the questions."""
        questions = list(questions)
        text = "".join(json.dumps(q) + "\n" for q in questions)
        done = subprocess.run([str(self.program)], input=text, capture_output=True, text=True)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        if len(answers) < len(questions):  # it ended: the one after the last answer is to blame
            blame = questions[len(answers)]
            answers.append({"ok": False, "crash": True, "error": f"the probe ended with {done.returncode}"})
            rest = questions[len(answers):]
            print(f"conformance: the probe ended at {blame}: {done.stderr[-500:]}", flush=True)
            answers += self.ask(rest) if rest else []
        return answers
