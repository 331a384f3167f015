package io.sluice.testkit.load;

/** The steps on PostgreSQL, and how often each comes up beside the others. */
enum StepKind implements StepChoice {
    INSERT_MANY(10, CustomerSteps::insertMany),
    COPY(2, CustomerSteps::copy),
    UPDATE_ONE_BY_ONE(10, CustomerSteps::updateOneByOne),
    UPDATE_IN_BATCH(5, CustomerSteps::updateInBatch),
    UPDATE_AGAIN_AND_AGAIN(3, CustomerSteps::updateAgainAndAgain),
    DELETE(8, CustomerSteps::delete),
    DELETE_AND_INSERT_AGAIN(3, CustomerSteps::deleteAndInsertAgain),
    ORDER(8, OrderSteps::place),
    ORDER_PROGRESS(8, OrderSteps::progress),
    ORDER_RENUMBER(3, OrderSteps::renumber),
    ORDER_CANCEL(4, OrderSteps::cancel),
    KEY_CHANGE(4, KeySteps::moveCustomers),
    KEY_SWAP(4, KeySteps::swapDocuments),
    UNIQUE_ROTATE_NULLABLE(4, KeySteps::rotateHolders),
    UNIQUE_ROTATE(4, KeySteps::rotatePlaces),
    MIXED_CASE_ADD(4, KeySteps::addMixedCase),
    MIXED_CASE_KEY_CHANGE(2, KeySteps::moveMixedCase),
    MIXED_CASE_REMOVE(2, KeySteps::removeMixedCase),
    TOAST_WRITE(5, DocumentSteps::write),
    TOAST_UNCHANGED(8, DocumentSteps::touch),
    TOAST_KEY_CHANGE(3, DocumentSteps::moveKey),
    TOAST_REWRITE(3, DocumentSteps::rewrite),
    TOAST_DELETE(3, DocumentSteps::delete),
    KEYLESS_INSERT(5, EventSteps::insert),
    KEYLESS_COPY(1, EventSteps::copy),
    KEYLESS_UPDATE(4, EventSteps::updateOne),
    KEYLESS_DELETE(4, EventSteps::deleteOne),
    KEYLESS_DELETE_MANY(1, EventSteps::deleteMany),
    SCRIBBLE(3, TruncateSteps::scribble),
    BATCH_FILL(4, TruncateSteps::fill),
    TYPES_INSERT(6, TypeSteps::insert),
    TYPES_UPDATE(6, TypeSteps::update),
    TYPES_DELETE(4, TypeSteps::delete),

    // Only ever the first of a transaction: the lock on the whole table comes before any on a row,
    // so that two transactions do not stand in each other's way.
    TRUNCATE_ONE(0, TruncateSteps::one),
    TRUNCATE_SEVERAL(0, TruncateSteps::several);

    private static final int TOTAL;

    static {
        int total = 0;
        for (StepKind kind : values()) {
            total += kind.weight;
        }
        TOTAL = total;
    }

    private final int weight;
    private final Step step;

    StepKind(int weight, Step step) {
        this.weight = weight;
        this.step = step;
    }

    @Override
    public Step step() {
        return step;
    }

    static StepKind pick(RandomValues values) {
        int rest = values.below(TOTAL);
        for (StepKind kind : values()) {
            rest -= kind.weight;
            if (rest < 0) {
                return kind;
            }
        }
        throw new IllegalStateException("the weights do not add up");
    }
}
