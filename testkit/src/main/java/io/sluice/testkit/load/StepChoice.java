package io.sluice.testkit.load;

/** A step under its name. */
interface StepChoice {
    String name();

    Step step();
}
