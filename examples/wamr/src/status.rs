//! What the engine's status words say (docs/abi.md): bits 0..7 code, 8..19 step or tensor, 20..31 field.

use crate::layout::*;

/// A status in words: its text, then the code, the step or tensor and the field, where the status has them.
pub fn explain(status: u32) -> String {
    let (code, index, field) = (status & 0xff, status >> 8 & 0xfff, (status >> 20) * 4);
    let Some(&(_, name, comment)) = STATUSES.iter().find(|s| s.0 == code) else {
        return format!("an unknown status (code {code})");
    };
    let text = comment.trim_start_matches("Status: ").trim_end_matches('.');
    let place = match code {
        STATUS_HEADER => format!(", field {}", header_field(field)),
        STATUS_TENSOR => format!(", tensor {index}, field {}", field_name(TENSOR_FIELDS, field)),
        STATUS_STEP => format!(", step {index}, field {}", field_name(STEP_FIELDS, field)),
        STATUS_STALLED => format!(", step {index}"),
        _ => String::new(),
    };
    format!("{text} (code {code} {name}{place})")
}

/// The input's port record lies in the header.
fn header_field(offset: u32) -> String {
    match offset.checked_sub(HEADER_INPUT) {
        Some(port) if port < PORT_BYTES => format!("HEADER_INPUT.{}", field_name(PORT_FIELDS, port)),
        _ => field_name(HEADER_FIELDS, offset),
    }
}

fn field_name(fields: &[(u32, &str, &str)], offset: u32) -> String {
    fields.iter().find(|f| f.0 == offset).map_or_else(|| format!("at byte {offset}"), |f| f.1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_steps_and_fields_are_named() {
        assert_eq!(explain(STATUS_CHECKSUM), "the checksum differs (code 4 STATUS_CHECKSUM)");
        let step = explain(STATUS_STEP | 7 << 8 | (STEP_WEIGHTS / 4) << 20);
        assert!(step.ends_with("(code 9 STATUS_STEP, step 7, field STEP_WEIGHTS)"), "{step}");
        let header = explain(STATUS_HEADER | ((HEADER_INPUT + PORT_RANK) / 4) << 20);
        assert!(header.ends_with("(code 7 STATUS_HEADER, field HEADER_INPUT.PORT_RANK)"), "{header}");
        assert_eq!(explain(255), "an unknown status (code 255)");
    }
}
