"""Consultations with agenda, seats, words, decisions, references and signed minutes."""

import anlan.kernel.clock
import anlan.kernel.ids
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Consultation',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('place_code', models.CharField(max_length=9, verbose_name='行政区划')),
                ('classification', models.PositiveSmallIntegerField(choices=[(0, '公开'), (1, '内部'), (2, '敏感')], default=1, verbose_name='信息类别')),
                ('created_at', models.DateTimeField(default=anlan.kernel.clock.now, editable=False, verbose_name='登记时间')),
                ('updated_at', models.DateTimeField(default=anlan.kernel.clock.now, editable=False, verbose_name='更新时间')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('state', models.CharField(max_length=32, verbose_name='状态')),
                ('exercise', models.BooleanField(default=False, verbose_name='演练')),
                ('opened_at', models.DateTimeField(default=anlan.kernel.clock.now, verbose_name='开始时间')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='结束时间')),
                ('title', models.CharField(max_length=120, verbose_name='会商名称')),
                ('template', models.CharField(default='general', max_length=20, verbose_name='议程')),
                ('incident_id', models.UUIDField(blank=True, db_index=True, null=True, verbose_name='突发事件')),
                ('bulletin_id', models.UUIDField(blank=True, db_index=True, null=True, verbose_name='预警信息')),
                ('starts_at', models.DateTimeField(verbose_name='会商时间')),
                ('venue', models.CharField(blank=True, default='', max_length=120, verbose_name='会商地点')),
                ('online', models.BooleanField(default=False, verbose_name='视频会商')),
                ('channels', models.JSONField(default=list, verbose_name='通知渠道')),
                ('chair_id', models.UUIDField(null=True)),
                ('chair_name', models.CharField(blank=True, default='', max_length=100, verbose_name='主持人')),
                ('called_by_id', models.UUIDField()),
                ('called_by_name', models.CharField(max_length=100, verbose_name='召集人')),
                ('organisation_name', models.CharField(blank=True, default='', max_length=120, verbose_name='召集单位')),
                ('began_at', models.DateTimeField(null=True, verbose_name='实际开始')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='实际结束')),
                ('signed_at', models.DateTimeField(null=True, verbose_name='签发时间')),
                ('signed_by_name', models.CharField(blank=True, default='', max_length=100, verbose_name='签发人')),
                ('edition', models.PositiveSmallIntegerField(default=0, verbose_name='纪要版本')),
            ],
            options={
                'verbose_name': '会商',
                'verbose_name_plural': '会商',
                'ordering': ['-starts_at', '-id'],
                'indexes': [models.Index(django.contrib.postgres.indexes.OpClass('place_code', name='text_pattern_ops'), name='consultation_consultat_place'), models.Index(fields=['-starts_at'], name='consultation_starts')],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=200, verbose_name='议题')),
                ('speaker', models.CharField(blank=True, default='', max_length=120, verbose_name='汇报单位或人员')),
                ('notes', models.TextField(blank=True, default='', verbose_name='记录')),
                ('noted_by_name', models.CharField(blank=True, default='', max_length=100)),
                ('noted_at', models.DateTimeField(null=True)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='consultation.consultation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('consultation', 'number'), name='consultation_item_once')],
                'verbose_name': '议题',
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='Minutes',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('edition', models.PositiveSmallIntegerField()),
                ('content', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('reason', models.CharField(blank=True, default='', max_length=300, verbose_name='更正理由')),
                ('signed_at', models.DateTimeField()),
                ('signed_by_id', models.UUIDField()),
                ('signed_by_name', models.CharField(max_length=100)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='minutes', to='consultation.consultation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('consultation', 'edition'), name='consultation_minutes_once')],
                'verbose_name': '会商纪要',
                'ordering': ['-edition'],
            },
        ),
        migrations.CreateModel(
            name='Reference',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=160, verbose_name='名称')),
                ('address', models.CharField(max_length=500, verbose_name='页面地址')),
                ('at', models.DateTimeField()),
                ('by_name', models.CharField(max_length=100)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='references', to='consultation.consultation')),
            ],
            options={
                'verbose_name': '参阅页面',
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=60)),
                ('name', models.CharField(max_length=120, verbose_name='参会单位或人员')),
                ('post', models.CharField(blank=True, default='', max_length=160, verbose_name='职务')),
                ('place_code', models.CharField(max_length=9)),
                ('account_id', models.UUIDField(db_index=True, null=True)),
                ('organisation_id', models.UUIDField(db_index=True, null=True)),
                ('role', models.CharField(choices=[('member', '参会'), ('expert', '专家'), ('observer', '列席'), ('recorder', '记录员')], default='member', max_length=10, verbose_name='身份')),
                ('attendance', models.CharField(choices=[('invited', '未到'), ('came', '到会'), ('absent', '请假')], default='invited', max_length=10, verbose_name='到会情况')),
                ('way', models.CharField(blank=True, choices=[('site', '现场到会'), ('video', '视频'), ('phone', '电话')], default='', max_length=10, verbose_name='参会方式')),
                ('who', models.CharField(blank=True, default='', max_length=100, verbose_name='到会人员')),
                ('came_at', models.DateTimeField(null=True, verbose_name='到会时间')),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='consultation.consultation')),
            ],
            options={
                'indexes': [models.Index(fields=['key'], name='consultation_seat_key')],
                'constraints': [models.UniqueConstraint(fields=('consultation', 'key'), name='consultation_seat_once')],
                'verbose_name': '参会人',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('text', models.CharField(max_length=200, verbose_name='议定事项')),
                ('grounds', models.TextField(verbose_name='依据和理由')),
                ('assignee', models.CharField(max_length=120, verbose_name='责任单位或人员')),
                ('due', models.DateTimeField(verbose_name='完成时限')),
                ('task_id', models.UUIDField(null=True)),
                ('decided_at', models.DateTimeField()),
                ('by_name', models.CharField(max_length=100, verbose_name='登记人')),
                ('done_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, default='', max_length=300, verbose_name='办理结果')),
                ('revoked_at', models.DateTimeField(null=True)),
                ('revoked_reason', models.CharField(blank=True, default='', max_length=300, verbose_name='撤销理由')),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='consultation.consultation')),
                ('item', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='consultation.item')),
                ('seat', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='consultation.seat')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('consultation', 'number'), name='consultation_decision_once')],
                'verbose_name': '议定事项',
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='Voice',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('opinion', '发言意见'), ('dissent', '不同意见')], max_length=10, verbose_name='类别')),
                ('who', models.CharField(max_length=160, verbose_name='发言人')),
                ('text', models.TextField(verbose_name='内容')),
                ('at', models.DateTimeField()),
                ('author_id', models.UUIDField()),
                ('author_name', models.CharField(max_length=100)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='voices', to='consultation.consultation')),
                ('item', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='voices', to='consultation.item')),
            ],
            options={
                'verbose_name': '发言',
                'ordering': ['at', 'id'],
            },
        ),
    ]
