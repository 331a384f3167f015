package io.sluice.testkit.load;

import java.util.Arrays;

/** The steps on MySQL, and how often each comes up beside the others. */
enum MySqlStepKind implements StepChoice {
    INSERT_MANY(10, MySqlCustomerSteps::insertMany),
    UPDATE_ONE_BY_ONE(10, MySqlCustomerSteps::updateOneByOne),
    UPDATE_IN_BATCH(5, MySqlCustomerSteps::updateInBatch),
    DELETE(8, MySqlCustomerSteps::delete),
    DELETE_AND_INSERT_AGAIN(3, MySqlCustomerSteps::deleteAndInsertAgain),
    KEY_CHANGE(4, MySqlCustomerSteps::moveKey),
    ORDER(8, MySqlOrderSteps::place),
    ORDER_PROGRESS(8, MySqlOrderSteps::progress),
    ORDER_RENUMBER(3, MySqlOrderSteps::renumber),
    ORDER_CANCEL(4, MySqlOrderSteps::cancel),
    KEY_SWAP(4, KeySteps::swapDocuments),
    UNIQUE_ROTATE_NULLABLE(4, MySqlKeySteps::rotateHolders),
    UNIQUE_ROTATE(4, MySqlKeySteps::rotatePlaces),
    MIXED_CASE_ADD(4, MySqlKeySteps::addMixedCase),
    MIXED_CASE_KEY_CHANGE(2, MySqlKeySteps::moveMixedCase),
    MIXED_CASE_REMOVE(2, MySqlKeySteps::removeMixedCase),
    LARGE_WRITE(5, MySqlKeySteps::writeDocument),
    LARGE_UNCHANGED(8, DocumentSteps::touch),
    LARGE_REWRITE(3, DocumentSteps::rewrite),
    LARGE_DELETE(3, DocumentSteps::delete),
    KEYLESS_INSERT(5, EventSteps::insert),
    KEYLESS_UPDATE(4, MySqlKeySteps::updateEvent),
    KEYLESS_DELETE(4, MySqlKeySteps::deleteEvent),
    SCRIBBLE(3, MySqlKeySteps::scribble),
    TYPES_INSERT(6, MySqlTypeSteps::insert),
    TYPES_UPDATE(6, MySqlTypeSteps::update),
    TYPES_DELETE(4, TypeSteps::delete),

    // Only ever the first of a transaction, since it is one of its own.
    TRUNCATE_ONE(0, MySqlKeySteps::truncate);

    private static final int TOTAL = Arrays.stream(values()).mapToInt(kind -> kind.weight).sum();

    private final int weight;
    private final Step step;

    MySqlStepKind(int weight, Step step) {
        this.weight = weight;
        this.step = step;
    }

    @Override
    public Step step() {
        return step;
    }

    static MySqlStepKind pick(RandomValues values) {
        int rest = values.below(TOTAL);
        for (MySqlStepKind kind : values()) {
            rest -= kind.weight;
            if (rest < 0) {
                return kind;
            }
        }
        throw new IllegalStateException("the weights do not add up");
    }
}
