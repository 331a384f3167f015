package io.sluice.gateway.keybased;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.TableReader.Form;
import java.util.Optional;

/** The text in which two columns' equal values are the same on both sides. Pure. */
final class DigestForms {

    private DigestForms() {}

    /**
     * @param same whether both are of one engine
     * @return empty where there is no such text, so that the column is not compared
     */
    static Optional<Form> common(ColumnDefinition from, ColumnDefinition to, boolean same) {
        if (same) {
            return Optional.of(Form.OWN);
        }
        if (from.dataType() instanceof DataType.Decimal one
                && to.dataType() instanceof DataType.Decimal other
                && one.scale() != other.scale()) {
            return Optional.empty();
        }
        Optional<Form> form = form(from.dataType());
        return form.equals(form(to.dataType())) ? form : Optional.empty();
    }

    private static Optional<Form> form(DataType type) {
        return switch (type) {
            case DataType.Bool t -> Optional.of(Form.NUMBER);
            case DataType.Int t -> Optional.of(Form.NUMBER);
            case DataType.Decimal t when t.precision() > 0 && t.scale() >= 0 ->
                    Optional.of(Form.NUMBER);
            case DataType.Chars t -> Optional.of(Form.TEXT);
            case DataType.Uuid t -> Optional.of(Form.TEXT);
            case DataType.Choice t -> Optional.of(Form.TEXT);
            case DataType.Choices t -> Optional.of(Form.TEXT);
            case DataType.Year t -> Optional.of(Form.NUMBER);
            case DataType.Date t -> Optional.of(Form.DATE);
            case DataType.DateTime t -> Optional.of(Form.TIME);
            case DataType.Moment t -> Optional.of(Form.TIME);
            case DataType.Binary t -> Optional.of(Form.BYTES);
            default -> Optional.empty();
        };
    }
}
