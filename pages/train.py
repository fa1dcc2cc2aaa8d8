"""How did it become this?

label: Train
icon: model_training
group: Learn
order: 80
strip: none
"""

from components import frame, presets, training
from components.parts import train_data, train_live, train_network, train_result, train_settings
from components.text import _

frame.ensure()
now = training.current()
if now is None:
    train_result.lost()
    presets.menu("train")
    key, look = train_data.section()
    text, done, problems = train_network.section(look)
    how = train_settings.section(look)
    frame.answer(train_settings.start(key, look, text, done, problems, how))
elif not train_live.ended(now):
    frame.answer(train_live.answer(now))
    train_live.what(now)
    train_live.progress(now)
else:
    came = training.outcome(now)
    frame.answer(train_result.headline(now, came))
    train_live.what(now)
    train_result.why(now, came)
    train_result.numbers(now, came)
    train_result.take_along(now, came)
    if now.batches or now.epochs:
        train_live.curves(now)
    train_result.answers(now, came)
frame.next_question("mistakes", _("Where is the open model wrong?"))
