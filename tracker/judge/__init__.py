"""What a clause, a change and a standing text say on AI: from rules that hold to what they let happen."""

from tracker.judge.judgement import judge, judge_change
from tracker.judge.questions import Answer, InForce, Said, Spoken, stance_of

__all__ = ["Answer", "InForce", "Said", "Spoken", "judge", "judge_change", "stance_of"]
