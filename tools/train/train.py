"""Trains the MobileNetV2 of model.py; run it again after a stop and it goes on.

Every epoch ends with a checkpoint (weights, optimiser, epoch number). The
learning rate is a function of the optimiser's step count alone, so a resumed
run has the rate it would have had. The weights of the last epoch are the
result: the test photographs are only measured, never used to choose.
"""

import argparse
import os
import time

import keras
import tensorflow as tf

import data
from model import count_macs, mobilenet_v2


class WarmCosine(keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly to `peak` over `warm` steps, then falls to 0 along half a cosine."""

    def __init__(self, peak, warm, steps):
        self.peak, self.warm, self.steps = peak, warm, steps

    def __call__(self, step):
        step = tf.cast(step, tf.float32)
        fall = tf.clip_by_value((step - self.warm) / (self.steps - self.warm), 0.0, 1.0)
        rise = tf.minimum(step / self.warm, 1.0)
        return self.peak * rise * 0.5 * (1 + tf.cos(3.14159265 * fall))

    def get_config(self):
        return {"peak": self.peak, "warm": self.warm, "steps": self.steps}


def decayed(variable):
    """Weight decay is for dense and pointwise kernels: not for biases, norms or depthwise."""
    return len(variable.shape) > 1 and "depthwise" not in variable.path


def make_step(model, optimizer, arguments):
    loss_of = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=arguments.smoothing
    )

    @tf.function(reduce_retracing=True)
    def step(pixels, labels, strength):
        """One batch, uint8 [N, 32, 32, 3] and int32 [N]; returns (loss, share correct)."""
        images = data.augment(pixels, strength)
        with tf.GradientTape() as tape:
            logits = model(images, training=True)
            loss = loss_of(tf.one_hot(labels, logits.shape[-1]), logits)
        variables = model.trainable_variables
        gradients = [
            gradient + arguments.decay * variable if decayed(variable) else gradient
            for gradient, variable in zip(tape.gradient(loss, variables), variables)
        ]
        optimizer.apply_gradients(zip(gradients, variables))
        correct = tf.argmax(logits, 1, tf.int32) == labels
        return loss, tf.reduce_mean(tf.cast(correct, tf.float32))

    return step


def top1(model, pixels, labels, batch=500):
    """Share of photographs whose highest logit is the right one."""
    predict = tf.function(lambda images: tf.argmax(model(data.scale(images)), 1, tf.int32))
    correct = 0
    for start in range(0, len(pixels), batch):
        part = slice(start, start + batch)
        correct += int(tf.reduce_sum(tf.cast(predict(pixels[part]) == labels[part], tf.int32)))
    return correct / len(pixels)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder with train/ and test/ (or .tar.gz)")
    parser.add_argument("--out", required=True, help="folder for checkpoints and model.keras")
    parser.add_argument("--alpha", type=float, default=0.5, help="width multiplier")
    parser.add_argument("--epochs", type=int, default=43)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=0.2, help="peak learning rate")
    parser.add_argument("--decay", type=float, default=2e-4, help="weight decay (L2)")
    parser.add_argument("--smoothing", type=float, default=0.1, help="label smoothing")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    arguments = parse()
    keras.utils.set_random_seed(arguments.seed)
    pixels, labels, names = data.load(arguments.data, "train")
    test_pixels, test_labels, _ = data.load(arguments.data, "test")
    print(f"{len(pixels)} photographs to train on, {len(test_pixels)} to test", flush=True)

    model = mobilenet_v2(arguments.alpha)
    print(f"{model.count_params()} parameters, {count_macs(model)} multiply-accumulates")
    batches = len(pixels) // arguments.batch
    rate = WarmCosine(arguments.rate, 2 * batches, arguments.epochs * batches)
    optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)
    optimizer.build(model.trainable_variables)

    done = tf.Variable(0, trainable=False)
    checkpoint = tf.train.Checkpoint(model=model, optimizer=optimizer, done=done)
    manager = tf.train.CheckpointManager(
        checkpoint, os.path.join(arguments.out, "checkpoints"), max_to_keep=2
    )
    if manager.restore_or_initialize():
        print(f"resuming after epoch {int(done)}, step {int(optimizer.iterations)}", flush=True)

    step = make_step(model, optimizer, arguments)
    images, classes = tf.constant(pixels), tf.constant(labels)
    for epoch in range(int(done), arguments.epochs):
        start = time.time()
        tf.random.set_seed(arguments.seed + epoch)
        order = tf.random.shuffle(tf.range(len(pixels)))
        # The last quarter shows the photographs almost as they are.
        strength = tf.constant(1.0 if epoch < arguments.epochs * 0.75 else 0.25)
        losses, correct = 0.0, 0.0
        for number in range(batches):
            chosen = order[number * arguments.batch : (number + 1) * arguments.batch]
            loss, share = step(tf.gather(images, chosen), tf.gather(classes, chosen), strength)
            losses, correct = losses + loss, correct + share
        done.assign(epoch + 1)
        manager.save()
        line = f"epoch {epoch + 1}: rate {float(rate(optimizer.iterations)):.4f}"
        line += f" loss {float(losses) / batches:.4f} top-1 {float(correct) / batches:.4f}"
        if (epoch + 1) % 5 == 0 or epoch + 1 == arguments.epochs:
            line += f" test top-1 {top1(model, test_pixels, test_labels):.4f}"
        print(f"{line} ({time.time() - start:.0f} s)", flush=True)

    model.save(os.path.join(arguments.out, "model.keras"))
    with open(os.path.join(arguments.out, "labels.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(names) + "\n")


if __name__ == "__main__":
    main()
