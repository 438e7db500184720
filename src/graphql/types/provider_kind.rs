//! The kinds of providers, as an enum whose values are the adapters that there are.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, Name, OutputType, Positioned, ServerResult,
    SimpleObject, Value,
    indexmap::IndexMap,
    parser::types::Field,
    registry::{Deprecation, MetaEnumValue, MetaType, MetaTypeId, Registry},
};

use crate::{
    domain,
    providers::{self, CommonSettings, Kind},
};

/// Which adapter reads what a provider posts. Adding an adapter adds a value: the list is kept in one place, that of
/// the adapters.
#[derive(Clone, Debug)]
pub(crate) struct ProviderKind(pub(crate) domain::ProviderKind);

impl ProviderKind {
    const NAME: &str = "ProviderKind";

    fn value(&self) -> Value {
        Value::Enum(Name::new(self.0.as_str().to_uppercase()))
    }

    fn create(registry: &mut Registry) -> String {
        registry.create_input_type::<Self, _>(MetaTypeId::Enum, |_| MetaType::Enum {
            name: Self::NAME.to_owned(),
            description: Some("Which adapter reads what a provider posts.".to_owned()),
            enum_values: providers::kinds().iter().map(|kind| Self::meta(kind)).collect::<IndexMap<_, _>>(),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: Some(std::any::type_name::<Self>()),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        })
    }

    fn meta(kind: &Kind) -> (String, MetaEnumValue) {
        let name = kind.word.to_uppercase();
        let value = MetaEnumValue {
            name: name.clone(),
            description: Some(format!("{}.", kind.title)),
            deprecation: Deprecation::NoDeprecated,
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            directive_invocations: Vec::new(),
        };
        (name, value)
    }
}

impl InputType for ProviderKind {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Self::NAME.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Self::create(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let word = match value {
            Some(Value::Enum(name)) => name.to_lowercase(),
            // A variable is JSON, which has no enums.
            Some(Value::String(name)) if name.to_uppercase() == name => name.to_lowercase(),
            other => return Err(InputValueError::expected_type(other.unwrap_or_default())),
        };
        let kind = providers::find_kind(&word).map_err(|error| InputValueError::custom(error.message()))?;
        Ok(Self(kind.kind()))
    }

    fn to_value(&self) -> Value {
        self.value()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl OutputType for ProviderKind {
    fn type_name() -> Cow<'static, str> {
        Self::NAME.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Self::create(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(self.value())
    }
}

/// A kind of provider that accounts can be added of.
#[derive(SimpleObject)]
#[graphql(name = "ProviderKindDescription")]
pub(crate) struct KindView {
    /// The kind.
    kind: ProviderKind,
    /// The name of the provider.
    title: &'static str,
    /// What to give as the secret of an account.
    secret: &'static str,
    /// What the configuration of an account can say.
    settings: Vec<SettingView>,
    /// Whether it is a preset of the generic adapter, whose settings an account of it can have too.
    is_preset: bool,
}

/// A setting of an account's configuration.
#[derive(SimpleObject)]
#[graphql(name = "ProviderSetting")]
pub(crate) struct SettingView {
    /// The key in the configuration.
    name: &'static str,
    /// What it says.
    description: &'static str,
}

impl KindView {
    /// Every kind.
    pub(crate) fn all() -> Vec<Self> {
        let setting = |&(name, description): &(&'static str, &'static str)| SettingView { name, description };
        let view = |kind: &&'static Kind| Self {
            kind: ProviderKind(kind.kind()),
            title: kind.title,
            secret: kind.secret,
            settings: kind.settings.iter().chain(CommonSettings::SETTINGS).map(setting).collect(),
            is_preset: kind.is_preset(),
        };
        providers::kinds().iter().map(view).collect()
    }
}
