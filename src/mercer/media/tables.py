"""The pictures' tables."""

import sqlalchemy as sa

from mercer.media.models import PictureFormat, PictureState
from mercer.platform.tables import identity, metadata, moment, one_of, reference, text

SCHEMA = "media"

picture = sa.Table(
    "picture",
    metadata,
    identity(),
    text("path", unique=True),
    text("sha256", comment="Of what is stored, in hexadecimal."),
    text("media_type"),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("byte_size", sa.Integer, nullable=False),
    text("state"),
    moment("created_at"),
    sa.Column("created_by", sa.Uuid, comment="The staff member, or whoever else uploaded it."),
    moment("unused_since", nullable=True),
    one_of("media_type", PictureFormat),
    one_of("state", PictureState),
    sa.CheckConstraint("width > 0 AND height > 0 AND byte_size > 0", name="size"),
    schema=SCHEMA,
)

sa.Index("ix_picture_unused", picture.c.unused_since, postgresql_where=picture.c.unused_since.is_not(None))
sa.Index(None, picture.c.created_at, picture.c.id)

rendition = sa.Table(
    "rendition",
    metadata,
    reference("picture_id", "media.picture.id", cascade=True, primary_key=True),
    sa.Column("width", sa.Integer, primary_key=True),
    sa.Column("media_type", sa.Text, primary_key=True),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("byte_size", sa.Integer, nullable=False),
    text("path"),
    one_of("media_type", PictureFormat),
    sa.CheckConstraint("width > 0 AND height > 0 AND byte_size > 0", name="size"),
    schema=SCHEMA,
)
